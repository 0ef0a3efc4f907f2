import { expect } from "vitest";
import type { Attack } from "./attack.ts";
import { Client } from "./client.ts";

const threat = "gateway-attacks.refresh-token";
const invented = "gateway-attacks.invented-token";
const transitions = "src/gateway/grants/transitions.ts";
const opaque = "src/gateway/tokens/opaque-token.ts";
const invalidGrant = { status: 400, error: "invalid_grant" };
const second = 1000;

const reuse = {
  file: transitions,
  code: 'return { kind: "end", grant, why: "refresh-token-reused" };',
  without: 'return { kind: "refuse", why: "other-client" };',
} as const;

export const refreshTokenAttacks: readonly Attack[] = [
  {
    threat,
    name: "a stolen refresh token, used after its client has gone on",
    source: "RFC 9700 section 4.14.2",
    guard: reuse,
    async run(gateway) {
      const client = await Client.registered(gateway);
      const first = await client.signIn();
      const next = await client.refresh(first.refreshToken);
      expect((await gateway.call(next.accessToken)).status).toBe(200);
      gateway.clock.advance(61 * second);
      expect(await client.refresh(first.refreshToken)).toMatchObject(invalidGrant);
      expect((await gateway.call(next.accessToken)).status).toBe(401);
      expect(await client.refresh(next.refreshToken)).toMatchObject(invalidGrant);
    },
  },
  {
    threat,
    name: "a refresh token that its client uses after the thief has gone on",
    source: "RFC 9700 section 4.14.2",
    guard: reuse,
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { refreshToken } = await client.signIn();
      const thief = await client.refresh((await client.refresh(refreshToken)).refreshToken);
      // Within the minute, but its successor has been used.
      expect(await client.refresh(refreshToken)).toMatchObject(invalidGrant);
      expect((await gateway.call(thief.accessToken)).status).toBe(401);
    },
  },
  {
    threat,
    name: "a second line of tokens within the minute",
    source: "RFC 9700 section 4.14.2",
    guard: {
      file: transitions,
      code: 'return { kind: "repeat", grant, wrappedKey, successor };',
      without:
        'return successor === "" ? reuseWindow : { kind: "rotate", grant, wrappedKey } as never;',
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { refreshToken } = await client.signIn();
      const own = await client.refresh(refreshToken);
      const thief = await client.refresh(refreshToken);
      expect(thief.refreshToken).toBe(own.refreshToken);
    },
  },
  {
    threat,
    name: "the minute of a replaced refresh token, stretched",
    source: "RFC 9700 section 4.14.2",
    guard: {
      file: transitions,
      code: "presented.hash === previous?.hash && now < previous.replacedAt + reuseWindow",
      without: "previous && presented.hash === previous.hash",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { refreshToken } = await client.signIn();
      expect(await client.refresh(refreshToken)).toMatchObject({ status: 200 });
      gateway.clock.advance(60 * second);
      expect(await client.refresh(refreshToken)).toMatchObject(invalidGrant);
    },
  },
  {
    threat,
    name: "a refresh token in the hands of another client",
    source: "RFC 6749 section 6; RFC 6749 section 10.4",
    guard: {
      file: transitions,
      code: 'if (grant.clientId !== presented.clientId) return { kind: "refuse", why: "other-client" };',
      without: "",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const other = await Client.registered(gateway);
      const { refreshToken } = await client.signIn();
      expect(await other.refresh(refreshToken)).toMatchObject(invalidGrant);
      expect(await client.refresh(refreshToken)).toMatchObject({ status: 200 });
    },
  },
  {
    threat: "gateway-attacks.race",
    name: "a refresh token that two use at the same moment",
    source: "RFC 9700 section 4.14.2",
    guard: {
      file: "src/gateway/store/cosmos-records.ts",
      code: 'container.item(document.id, key.partition).replace(document, {\n          abortSignal: signal,\n          accessCondition: { type: "IfMatch", condition: etag },',
      without: "container.item(document.id, key.partition).replace(document, {",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { refreshToken } = await client.signIn();
      const answers = await Promise.all([1, 2, 3].map(() => client.refresh(refreshToken)));
      expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1);
    },
  },
  {
    threat: invented,
    name: "a made-up old refresh token, to end somebody's grant",
    source: "RFC 9700 section 4.14.2, turned against people",
    guard: {
      file: "src/gateway/tokens/genuine-grant.ts",
      code: "if (!key.value || !isGenuine(token, key.value)) return success(undefined);",
      without: "if (!key.value) return success(undefined);",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { refreshToken } = await client.signIn();
      // The ids of a grant are in every token of it, and its secret in none but the own.
      const bytes = Buffer.from(refreshToken.slice(4), "base64url");
      bytes.fill(7, 32);
      const made = `gwr_${bytes.toString("base64url")}`;
      expect(await client.refresh(made)).toMatchObject(invalidGrant);
      await gateway.post("revoke", { token: made, client_id: client.id });
      expect(await client.refresh(refreshToken)).toMatchObject({ status: 200 });
    },
  },
  {
    threat: invented,
    name: "no refresh token at all, or one without its tag",
    source: "an API Management sample that accepted empty refresh tokens",
    guard: [
      { file: opaque, code: "bytes.length !== length ||", without: "" },
      {
        file: opaque,
        code: "return timingSafeEqual(tagOf(kind, bytes.subarray(0, tagAt), key), bytes.subarray(tagAt));",
        without:
          "const tag = bytes.subarray(tagAt);\n  return tagOf(kind, bytes.subarray(0, tagAt), key).subarray(0, tag.length).equals(tag);",
      },
    ],
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { refreshToken } = await client.signIn();
      const bytes = Buffer.from(refreshToken.slice(4), "base64url").fill(7, 32);
      const tagless = `gwr_${bytes.subarray(0, 64).toString("base64url")}`;
      expect(await client.refresh(tagless)).toMatchObject(invalidGrant);
      const next = await client.refresh(refreshToken);
      expect(next).toMatchObject({ status: 200 });
      expect(await client.refresh("")).toMatchObject({ status: 400, error: "invalid_request" });
      const spoilt = ["gwr_", refreshToken.slice(0, 60), `${refreshToken}AAAA`];
      for (const token of spoilt) expect(await client.refresh(token)).toMatchObject(invalidGrant);
    },
  },
  {
    threat: invented,
    name: "a code that poses as a used refresh token",
    source: "RFC 8725 section 2.8, of kinds that are mixed up",
    guard: {
      file: opaque,
      code: ".update(`",
      without: '.update(`code `).update(kind ? "" : `',
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const code = await client.code();
      const posing = code.replace("gwc_", "gwr_");
      expect(await client.refresh(posing)).toMatchObject(invalidGrant);
      expect(await client.redeem(code)).toMatchObject({ status: 200 });
    },
  },
  {
    threat: invented,
    name: "another way to write the token that is good",
    source: "RFC 4648 section 3.5",
    guard: {
      file: opaque,
      code: "|| !isCanonicalBase64url(written)",
      without: "",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { refreshToken } = await client.signIn();
      const other = `${refreshToken.slice(0, -1)}${String.fromCharCode(refreshToken.charCodeAt(refreshToken.length - 1) + 1)}`;
      const bytesOf = (token: string) => Buffer.from(token.slice(4), "base64url").toString("hex");
      expect(bytesOf(other)).toBe(bytesOf(refreshToken));
      expect(await client.refresh(other)).toMatchObject(invalidGrant);
      expect(await client.refresh(refreshToken)).toMatchObject({ status: 200 });
    },
  },
  {
    threat: "gateway-attacks.throttled",
    name: "a client that refreshes on and on, until Entra throttles everybody's",
    source:
      "https://learn.microsoft.com/entra/identity-platform/reference-error-codes, AADSTS50196",
    guard: {
      file: "src/gateway/tokens/refreshing.ts",
      code: "const retryAfterSeconds = entra ? undefined : await turns.take(grant.grantId);",
      without: "const retryAfterSeconds = undefined;",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      let { refreshToken } = await client.signIn();
      for (let count = 0; count < 100; count += 1) {
        const next = await client.refresh(refreshToken);
        if (next.status === 200) ({ refreshToken } = next);
      }
      const asked = gateway.asked.filter(({ grant_type }) => grant_type === "refresh_token");
      expect(asked.length).toBeLessThanOrEqual(60);
    },
  },
];
