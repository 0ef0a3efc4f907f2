import { expect } from "vitest";
import type { Attack } from "./attack.ts";
import { Browser } from "./browser.ts";
import { Client } from "./client.ts";

const threat = "gateway-attacks.code";
const request = "src/gateway/authorize/authorization-request.ts";
const transitions = "src/gateway/grants/transitions.ts";
const invalidGrant = { status: 400, error: "invalid_grant" };

export const codeAttacks: readonly Attack[] = [
  {
    threat,
    name: "a code that is used again, by whoever stole it",
    source: "RFC 6749 section 4.1.2; RFC 9700 section 4.5",
    guard: {
      file: transitions,
      code: 'if (grant.state === "active") return { kind: "end", grant, why: "code-replayed" };',
      without: 'if (grant.state === "active") return { kind: "refuse", why: "grant-ended" };',
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const code = await client.code();
      const { accessToken } = await client.redeem(code);
      expect((await gateway.call(accessToken)).status).toBe(200);
      expect(await client.redeem(code)).toMatchObject(invalidGrant);
      // Which of the two was the thief is not known: neither goes on.
      expect((await gateway.call(accessToken)).status).toBe(401);
    },
  },
  {
    threat,
    name: "a code that another client redeems",
    source: "RFC 6749 section 4.1.3; RFC 9700 section 4.5",
    guard: {
      file: transitions,
      code: "grant.clientId === presented.clientId &&",
      without: "",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const other = await Client.registered(gateway);
      const code = await client.code();
      expect(await client.redeem(code, { client_id: other.id })).toMatchObject(invalidGrant);
    },
  },
  {
    threat,
    name: "a code that came by another redirect URI",
    source: "RFC 6749 section 10.6",
    guard: {
      file: transitions,
      code: "grant.redirectUri === presented.redirectUri &&",
      without: "",
    },
    async run(gateway) {
      const client = await Client.registered(gateway, "http://localhost/callback");
      const code = await client.code();
      const other = { redirect_uri: "http://localhost:4000/callback" };
      expect(await client.redeem(code, other)).toMatchObject(invalidGrant);
    },
  },
  {
    threat,
    name: "a stolen code, with a verifier of the thief's",
    source: "RFC 7636 section 1",
    guard: {
      file: transitions,
      code: "grant.code.challenge === presented.codeChallenge;",
      without: "true;",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const code = await client.code();
      const { verifier } = await Client.registered(gateway);
      expect(await client.redeem(code, { code_verifier: verifier })).toMatchObject(invalidGrant);
    },
  },
  {
    threat,
    name: "one verifier after the other, until one is right",
    source: "RFC 7636 section 7.1",
    guard: {
      file: transitions,
      code: ': { kind: "end", grant, why: "code-misused" };',
      without: ': { kind: "refuse", why: "other-client" };',
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const code = await client.code();
      const guess = "a".repeat(43);
      expect(await client.redeem(code, { code_verifier: guess })).toMatchObject(invalidGrant);
      expect(await client.redeem(code)).toMatchObject(invalidGrant);
    },
  },
  {
    threat,
    name: "PKCE left out where the code is redeemed",
    source: "RFC 9700 section 4.8.2",
    guard: [
      {
        file: "src/gateway/tokens/token-endpoint.ts",
        code: "if (!codeVerifier.ok) return codeVerifier.reason;",
        without:
          'if (!codeVerifier.ok) return forCode(request, new Map([...form, ["code_verifier", "none"]]), clientId);',
      },
      {
        file: transitions,
        code: "grant.code.challenge === presented.codeChallenge;",
        without: "true;",
      },
    ],
    async run(gateway) {
      const client = await Client.registered(gateway);
      const code = await client.code();
      const refused = await client.redeem(code, { code_verifier: undefined });
      expect(refused).toMatchObject({ status: 400, error: "invalid_request" });
      expect(await client.redeem(code)).toMatchObject({ status: 200 });
    },
  },
  {
    threat,
    name: "plain PKCE, whose challenge is the verifier",
    source: "RFC 9700 section 2.1.1; an API Management sample",
    guard: {
      file: request,
      code: 'holds: (value) => value === "S256",',
      without: "holds: () => true,",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      for (const method of ["plain", "s256", undefined]) {
        const changes = { code_challenge_method: method, code_challenge: client.verifier };
        const page = await new Browser(gateway).open(client.authorizeUrl(changes));
        expect([page.status, page.next]).toEqual([400, undefined]);
      }
    },
  },
  {
    threat,
    name: "tokens in the address, in place of a code",
    source: "RFC 9700 section 2.1.2",
    guard: {
      file: request,
      code: 'holds: (value) => value === "code",',
      without: "holds: () => true,",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      for (const response_type of ["token", "code token", "id_token", undefined]) {
        const page = await new Browser(gateway).open(client.authorizeUrl({ response_type }));
        expect([page.status, page.next]).toEqual([400, undefined]);
      }
    },
  },
  {
    threat,
    name: "PKCE left out from the beginning",
    source: "RFC 9700 section 2.1.1",
    guard: {
      file: request,
      code: 'holds: (value = "") => /^[\\w-]{43}$/.test(value),',
      without: "holds: () => true,",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      for (const challenge of [undefined, "", "short"]) {
        const changes = { code_challenge: challenge };
        expect(await new Browser(gateway).goThrough(client.authorizeUrl(changes))).toBeUndefined();
      }
    },
  },
  {
    threat,
    name: "a code that lay in a log for a minute",
    source: "RFC 6749 section 4.1.2",
    guard: {
      file: transitions,
      code: 'if (grant.code.expiresAt <= now) return { kind: "refuse", why: "code-expired" };',
      without: "",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const code = await client.code();
      gateway.clock.advance(60_000);
      expect(await client.redeem(code)).toMatchObject(invalidGrant);
    },
  },
  {
    threat,
    name: "an address with a code that a page gives away as its referrer",
    source: "RFC 9700 section 4.2.4",
    guard: {
      file: "src/gateway/pages/page.ts",
      code: '"referrer-policy": "no-referrer",',
      without: "",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const browser = new Browser(gateway);
      const consent = await browser.open(client.authorizeUrl());
      const entra = await browser.allow(client.authorizeUrl());
      const back = await browser.open(await browser.signInAtEntra(entra));
      expect(back.next?.searchParams.get("code")).toMatch(/^gwc_/);
      for (const { headers } of [consent, back]) {
        expect(headers.get("referrer-policy")).toBe("no-referrer");
      }
    },
  },
  {
    threat,
    name: "an address with a code, or tokens, that a cache keeps",
    source: "RFC 6749 section 5.1; RFC 9111 section 5.2",
    // The way out says it of every answer that is no public document.
    guard: {
      file: "src/gates/way-out.ts",
      code: '{ ...headers, "cache-control": "no-store, no-transform" }',
      without: '{ ...headers, "cache-control": "max-age=60" }',
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const browser = new Browser(gateway);
      const entra = await browser.allow(client.authorizeUrl());
      const back = await browser.open(await browser.signInAtEntra(entra));
      const token = await gateway.post("token", {});
      for (const { headers } of [back, token]) {
        expect(headers.get("cache-control")).toContain("no-store");
      }
    },
  },
  {
    threat: "gateway-attacks.race",
    name: "a code that two redeem at the same moment",
    source: "RFC 6749 section 4.1.2",
    guard: {
      file: "src/gateway/store/cosmos-records.ts",
      code: 'container.item(document.id, key.partition).replace(document, {\n          abortSignal: signal,\n          accessCondition: { type: "IfMatch", condition: etag },',
      without: "container.item(document.id, key.partition).replace(document, {",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const code = await client.code();
      const answers = await Promise.all([client.redeem(code), client.redeem(code)]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    },
  },
];
