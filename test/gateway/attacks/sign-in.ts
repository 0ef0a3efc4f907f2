import { expect } from "vitest";
import { issuer } from "../composed-gateway.ts";
import type { Attack } from "./attack.ts";
import { Browser, fieldsOf } from "./browser.ts";
import { Client } from "./client.ts";

const browserThreat = "gateway-attacks.other-browser";
const onceThreat = "gateway-attacks.sign-in-reused";
const stored = "src/gateway/authorize/stored-sign-ins.ts";
const minute = 60_000;

const otherBrowser = {
  file: stored,
  code: 'if (!isSame(sha256(browser), found.value.item.browser)) {\n      return failure({ kind: "other-browser" });\n    }',
  without: "",
} as const;

export const signInAttacks: readonly Attack[] = [
  {
    threat: browserThreat,
    name: "Entra's page, to which the attacker has consented, sent to the person",
    source: "CVE-2026-27124; GHSA-c2jp-c369-7pvx",
    guard: otherBrowser,
    async run(gateway) {
      const evil = await Client.registered(gateway, "https://evil.example/callback");
      const attacker = new Browser(gateway);
      const entra = await attacker.allow(evil.authorizeUrl());
      const person = new Browser(gateway);
      expect(await person.goThrough(entra)).toBeUndefined();
      // Not even where the person has a sign-in of their own under way.
      const client = await Client.registered(gateway);
      await person.allow(client.authorizeUrl());
      expect(await person.goThrough(entra)).toBeUndefined();
    },
  },
  {
    threat: browserThreat,
    name: "the attacker's own sign-in, ended in the person's browser",
    source: "RFC 9700 section 4.7; RFC 6819 section 4.4.1.8",
    guard: otherBrowser,
    async run(gateway) {
      const client = await Client.registered(gateway);
      const attacker = new Browser(gateway);
      const entra = await attacker.allow(client.authorizeUrl());
      const back = await attacker.signInAtEntra(entra);
      expect(await new Browser(gateway).goThrough(back)).toBeUndefined();
      expect(await attacker.goThrough(back)).toMatchObject({
        search: expect.stringContaining("code=gwc_"),
      });
    },
  },
  {
    threat: browserThreat,
    name: "a cookie that a neighbouring host sets in the person's browser",
    source: "https://datatracker.ietf.org/doc/draft-ietf-httpbis-rfc6265bis/",
    guard: {
      file: "src/gateway/http/cookies.ts",
      code: "return `__Host-",
      without: "return `",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const attacker = new Browser(gateway);
      const entra = await attacker.allow(client.authorizeUrl());
      const back = await attacker.signInAtEntra(entra);
      const person = new Browser(gateway);
      for (const [name, value] of attacker.cookies) person.toss(name, value);
      expect(await person.goThrough(back)).toBeUndefined();
    },
  },
  {
    threat: browserThreat,
    name: "a cookie of a neighbouring host whose name is the gateway's, but for white space",
    source:
      "https://portswigger.net/research/cookie-chaos-how-to-bypass-host-and-secure-cookie-prefixes",
    guard: {
      file: "src/gateway/http/cookies.ts",
      code: "const name = withoutBlanks(pair.slice(0, equals));",
      without: "const name = pair.slice(0, equals).trim();",
    },
    async run(gateway) {
      const evil = await Client.registered(gateway, "https://evil.example/callback");
      const attacker = new Browser(gateway);
      const page = await attacker.open(evil.authorizeUrl());
      const shown = fieldsOf(page);
      const { next: entra } = await attacker.send(page, { decision: "allow" });
      const person = new Browser(gateway);
      for (const [name, value] of attacker.cookies) person.toss(`\u00a0${name}`, value);
      // A form that the attacker was shown, sent in the person's browser; and Entra's page, opened there.
      const url = `${issuer}/authorize`;
      const sent = await person.post(url, { ...shown, decision: "allow" });
      expect([sent.status, sent.next]).toEqual([400, undefined]);
      expect(await person.goThrough(entra ?? "")).toBeUndefined();
    },
  },
  {
    threat: browserThreat,
    name: "a sign-in of the person's, spoilt by a link in another browser",
    source: "RFC 9700 section 4.7.1",
    guard: {
      file: stored,
      code: otherBrowser.code,
      without:
        'if (!isSame(sha256(browser), found.value.item.browser)) {\n      await this.#records.delete(found.value, signal);\n      return failure({ kind: "other-browser" });\n    }',
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const person = new Browser(gateway);
      const back = await person.signInAtEntra(await person.allow(client.authorizeUrl()));
      const state = back.searchParams.get("state");
      const spoilt = await new Browser(gateway).open(
        `${issuer}/callback?error=access_denied&state=${state}`,
      );
      expect([spoilt.status, spoilt.next]).toEqual([400, undefined]);
      expect(await person.goThrough(back)).toMatchObject({
        search: expect.stringContaining("code=gwc_"),
      });
    },
  },
  {
    threat: browserThreat,
    name: "a page that begins sign-ins until their cookies are more than a request may have",
    source: "https://homakov.blogspot.com/2014/01/cookie-bomb-or-lets-break-internet.html",
    guard: [
      { file: stored, code: "const browserBytes = 16;", without: "const browserBytes = 32;" },
      { file: stored, code: "id.slice(0, 8)", without: "id.slice(0, 16)" },
    ],
    async run(gateway) {
      const person = new Browser(gateway);
      // So many cookies browsers keep for a domain.
      for (let count = 0; count < 180; count += 1) await person.open(`${issuer}/connections`);
      const client = await Client.registered(gateway);
      const usual = { "user-agent": "u".repeat(250), "x-of-proxies": "p".repeat(1500) };
      expect((await person.open(client.authorizeUrl(), usual)).status).toBe(200);
    },
  },
  {
    threat: onceThreat,
    name: "an address of the callback, opened once more from the history",
    source: "RFC 9700 section 4.2.4",
    guard: {
      file: stored,
      code: "const deleted = await this.#records.delete(found.value, signal);",
      without: "const deleted = { ok: true, value: true } as const;",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const person = new Browser(gateway);
      const entra = await person.allow(client.authorizeUrl());
      const kept = new Map(person.cookies);
      expect(await person.goThrough(entra)).toBeDefined();
      // Entra would give a new code, and the cookie is there again.
      for (const [name, value] of kept) person.cookies.set(name, value);
      expect(await person.goThrough(entra)).toBeUndefined();
    },
  },
  {
    threat: "gateway-attacks.race",
    name: "two answers to one sign-in, at the same moment",
    source: "jlowin/fastmcp, whose replay check is per process",
    guard: {
      file: stored,
      code: 'if (!deleted.value) return failure({ kind: "no-sign-in" });',
      without: "",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const person = new Browser(gateway);
      const entra = await person.allow(client.authorizeUrl());
      const answers = [await person.signInAtEntra(entra), await person.signInAtEntra(entra)];
      const pages = await Promise.all(answers.map((back) => person.open(back)));
      expect(pages.filter(({ next }) => next?.searchParams.has("code"))).toHaveLength(1);
    },
  },
  {
    threat: onceThreat,
    name: "a sign-in page that was left open",
    source: "docs/gateway.md, Tokens and lifetimes",
    guard: {
      file: stored,
      code: "const expiresAt = now() + signInMilliseconds;",
      without: "const expiresAt = now() + 10 * signInMilliseconds;",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const person = new Browser(gateway);
      const entra = await person.allow(client.authorizeUrl());
      gateway.clock.advance(10 * minute);
      expect(await person.goThrough(entra)).toBeUndefined();
    },
  },
  {
    threat: onceThreat,
    name: "Entra's code of another sign-in, put in place of the own",
    source: "RFC 9700 section 4.5",
    guard: {
      file: stored,
      code: 'hkdfSync("sha256", state, key.secret,',
      without: 'hkdfSync("sha256", "", key.secret,',
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const attacker = new Browser(gateway);
      const theirs = await attacker.signInAtEntra(await attacker.allow(client.authorizeUrl()));
      const person = new Browser(gateway);
      const own = await person.signInAtEntra(await person.allow(client.authorizeUrl()));
      own.searchParams.set("code", String(theirs.searchParams.get("code")));
      const answer = await person.goThrough(own);
      expect(answer?.searchParams.get("code")).toBeNull();
    },
  },
  {
    threat: "gateway-attacks.mix-up",
    name: "an answer that does not say whose it is",
    source: "RFC 9207 section 2; RFC 9700 section 4.4",
    guard: {
      file: "src/gateway/authorize/client-answer.ts",
      code: "iss: issuer,",
      without: "",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const person = new Browser(gateway);
      const answer = await person.goThrough(client.authorizeUrl());
      const page = await person.open(client.authorizeUrl());
      const denied = await person.send(page, { decision: "deny" });
      for (const url of [answer, denied.next]) {
        expect(url?.searchParams.get("iss")).toBe(issuer);
        expect(url?.searchParams.get("state")).toBe(client.state);
      }
    },
  },
  {
    threat: "gateway-attacks.mix-up",
    name: "an answer to the gateway by another authority",
    source: "RFC 9207 section 2.4",
    guard: {
      file: stored,
      code: "if (issuer !== undefined && issuer !== this.#options.upstreamIssuer) {",
      without: "if (false) {",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const person = new Browser(gateway);
      const back = await person.signInAtEntra(await person.allow(client.authorizeUrl()));
      back.searchParams.set("iss", "https://evil.example/v2.0");
      const answer = await person.goThrough(back);
      expect(answer?.searchParams.get("code")).toBeNull();
    },
  },
];
