import { expect } from "vitest";
import { type ComposedGateway, issuer, objectId } from "../composed-gateway.ts";
import type { Attack } from "./attack.ts";
import { Browser, fieldsOf, type Page } from "./browser.ts";
import { Client } from "./client.ts";

const threat = "gateway-attacks.connections";
const forms = "src/gateway/connections/connection-forms.ts";
const sessions = "src/gateway/connections/sessions.ts";
const url = `${issuer}/connections`;
const attackersId = objectId.replace(/1$/, "2");
const cookieName = "__Host-gateway-connections";

/** What the form is bound to, where it is made and where it comes back. */
const boundTo = (without: string) =>
  ["const handle = await", "const opened = await"].map((next) => ({
    file: forms,
    code: `const values = { session: session.id, deed: nameOf(deed) };\n    ${next}`,
    without: `const values = ${without};\n    ${next}`,
  })) as Attack["guard"];

/** A person with a connection, before the page of it. */
async function connected(gateway: ComposedGateway) {
  const browser = new Browser(gateway);
  const client = await Client.registered(gateway);
  const { accessToken } = await client.signIn(browser);
  const page = await browser.follow(url);
  expect(page.text).toContain("End this connection");
  const isConnected = async () => {
    gateway.clock.advance(10_000);
    return (await gateway.call(accessToken)).status === 200;
  };
  return { browser, client, page, isConnected };
}

/** The fields of the form that does this. */
function formFor(page: Page, deed: string): Readonly<Record<string, string>> {
  const found = page.text.split("<form").find((text) => text.includes(`value="${deed}"`));
  return fieldsOf({ ...page, text: `<form${found}` });
}

export const connectionAttacks: readonly Attack[] = [
  {
    threat,
    name: "a foreign page that ends a person's connections",
    source: "RFC 9700 section 4.7; OWASP CSRF",
    guard: {
      file: forms,
      code: "if (opened.ok) return success(deed);",
      without: "return success(deed);",
    },
    async run(gateway) {
      const { browser, page, isConnected } = await connected(gateway);
      const deed = { deed: "end-all" };
      expect((await browser.postFromElsewhere(url, deed)).status).toBe(403);
      expect((await browser.post(url, deed)).status).toBe(403);
      expect(await isConnected()).toBe(true);
      await browser.send(page, {});
      expect(await isConnected()).toBe(false);
    },
  },
  {
    threat,
    name: "a form of the attacker's own page, sent in the person's session",
    source: "OWASP CSRF, of tokens that are bound to no session",
    guard: boundTo('{ session: "any", deed: nameOf(deed) }'),
    async run(gateway) {
      const { browser, isConnected } = await connected(gateway);
      gateway.person = { oid: attackersId };
      const attacker = new Browser(gateway);
      for (const _ of [1, 2]) await (await Client.registered(gateway)).signIn(attacker);
      const form = formFor(await attacker.follow(url), "end-all");
      expect((await browser.post(url, form)).status).toBe(403);
      gateway.person = {};
      expect(await isConnected()).toBe(true);
    },
  },
  {
    threat,
    name: "a form that signs out, changed into one that ends all",
    source: "OWASP CSRF, of tokens that are bound to no deed",
    guard: boundTo('{ session: session.id, deed: "any" }'),
    async run(gateway) {
      const { browser, page, isConnected } = await connected(gateway);
      const { handle = "" } = formFor(page, "sign-out");
      expect((await browser.post(url, { deed: "end-all", handle })).status).toBe(403);
      expect(await isConnected()).toBe(true);
    },
  },
  {
    threat,
    name: "somebody else's connection, named in a form of the attacker's",
    source: "OWASP API1:2023, of references to other people's objects",
    guard: boundTo('{ session: session.id, deed: "any" }'),
    async run(gateway) {
      const { page, isConnected } = await connected(gateway);
      const { connection = "" } = fieldsOf(page);
      gateway.person = { oid: attackersId };
      const attacker = new Browser(gateway);
      await (await Client.registered(gateway)).signIn(attacker);
      const own = await attacker.follow(url);
      expect(own.text).not.toContain(connection);
      expect((await attacker.send(own, { connection })).status).toBe(403);
      expect(await isConnected()).toBe(true);
    },
  },
  {
    threat,
    name: "the attacker's session, set in the person's browser by a neighbouring host",
    source:
      "OWASP session fixation; https://datatracker.ietf.org/doc/draft-ietf-httpbis-rfc6265bis/",
    guard: {
      file: "src/gateway/http/cookies.ts",
      code: "return `__Host-",
      without: "return `",
    },
    async run(gateway) {
      const { browser: attacker } = await connected(gateway);
      const person = new Browser(gateway);
      for (const [name, value] of attacker.cookies) person.toss(name, value);
      const page = await person.open(url);
      // To Entra, to sign in as themselves.
      expect(page.next?.origin).toBe("https://login.example");
    },
  },
  {
    threat,
    name: "a session that goes on after the person has signed out",
    source: "OWASP session management",
    guard: {
      file: sessions,
      code: "end: (session, signal) => records.delete(session, signal),",
      without: "end: async () => success(true),",
    },
    async run(gateway) {
      const { browser, page } = await connected(gateway);
      const stolen = String(browser.cookies.get(cookieName));
      expect(await browser.post(url, formFor(page, "sign-out"))).toMatchObject({ status: 200 });
      const thief = await new Browser(gateway).open(url, { cookie: `${cookieName}=${stolen}` });
      expect(thief.status).toBe(303);
    },
  },
  {
    threat,
    name: "a session on a machine that somebody has left",
    source: "docs/gateway.md, Tokens and lifetimes",
    guard: {
      file: sessions,
      code: "const expiresAt = now() + sessionMilliseconds;",
      without: "const expiresAt = now() + 10 * sessionMilliseconds;",
    },
    async run(gateway) {
      const { browser } = await connected(gateway);
      gateway.clock.advance(10 * 60_000);
      expect((await browser.open(url)).status).toBe(303);
    },
  },
  {
    threat,
    name: "a session at Entra that was left open",
    source: "OpenID Connect Core 1.0 section 3.1.2.1, of prompt",
    guard: {
      file: "src/gateway/authorize/stored-sign-ins.ts",
      code: 'isFresh: purpose.kind === "connections",',
      without: "isFresh: false,",
    },
    async run(gateway) {
      const { next } = await new Browser(gateway).open(url);
      expect(next?.searchParams.get("prompt")).toBe("login");
    },
  },
  {
    threat: "gateway-attacks.outlived",
    name: "a client whose connection the person has ended",
    source: "RFC 7009 section 2.1",
    guard: {
      file: "src/gateway/connections/ending.ts",
      code: "const ended = await grants.end(objectId, grantId, why, signal);",
      without:
        "const ended = (signal ? success(true) : failure(null as never)) as Result<boolean, GrantFailure>;",
    },
    async run(gateway) {
      const { browser, page, isConnected } = await connected(gateway);
      expect((await browser.send(page, {})).status).toBe(200);
      expect(await isConnected()).toBe(false);
    },
  },
];
