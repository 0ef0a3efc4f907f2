import { decodeJwt } from "jose";
import { expect } from "vitest";
import { refusal } from "../../downstream/fakes.ts";
import { keySetDocument, makeSigningKey, type SigningKey } from "../../gates/tokens.ts";
import { host } from "../../support/composed.ts";
import { gatewayClientId, objectId } from "../composed-gateway.ts";
import type { Attack } from "./attack.ts";
import { Client } from "./client.ts";

const threat = "gateway-attacks.outlived";
const otherThreat = "gateway-attacks.other-person";
const refreshing = "src/gateway/tokens/refreshing.ts";
const invalidGrant = { status: 400, error: "invalid_grant" };
const minute = 60 * 1000;
const day = 24 * 60 * minute;

/** Entra refuses to refresh: the account is disabled. */
const disabled = ({ grant_type }: Readonly<Record<string, string>>) =>
  grant_type === "refresh_token" ? refusal(50057) : undefined;

export const outlivedAttacks: readonly Attack[] = [
  {
    threat,
    name: "an account that is disabled, and goes on refreshing",
    source:
      "RFC 9700 section 2.2.2; https://learn.microsoft.com/entra/identity-platform/refresh-tokens",
    guard: {
      file: refreshing,
      code: "const answer = entra ?? (await askEntra(upstream.refreshToken, grant, parts, signal));",
      without:
        'const answer = { kind: "tokens", tokens: upstream, expiresAt: now() + 3_600_000 } as EntraAnswer;',
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { refreshToken } = await client.signIn();
      gateway.entraAnswers = disabled;
      expect(await client.refresh(refreshToken)).toMatchObject(invalidGrant);
    },
  },
  {
    threat,
    name: "an access token that Entra's refusal leaves in use",
    source: "RFC 7009 section 2.1",
    guard: {
      file: refreshing,
      code: ', write: ended(grant, "entra-refused", now()) });',
      without: " });",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { accessToken, refreshToken } = await client.signIn();
      gateway.entraAnswers = disabled;
      expect(await client.refresh(refreshToken)).toMatchObject(invalidGrant);
      expect((await gateway.call(accessToken)).status).toBe(401);
      gateway.entraAnswers = undefined;
      expect(await client.refresh(refreshToken)).toMatchObject(invalidGrant);
    },
  },
  {
    threat,
    name: "an outage of Entra's that ends everybody's grants",
    source: "RFC 6749 section 5.2, of errors that are no refusals",
    guard: {
      file: refreshing,
      code: 'if (answer.kind === "unavailable") {',
      without:
        'if (answer.kind === "unavailable") return endedByEntra({ kind: "refused" }, grant);\n      if (answer.kind === ("" as never)) {',
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { refreshToken } = await client.signIn();
      gateway.entraAnswers = () => ({ status: 503 });
      expect(await client.refresh(refreshToken)).toMatchObject({ status: 503 });
      gateway.entraAnswers = undefined;
      expect(await client.refresh(refreshToken)).toMatchObject({ status: 200 });
    },
  },
  {
    threat,
    name: "tokens with invented keys, sent while Entra begins to sign with another key",
    source: "https://learn.microsoft.com/entra/identity-platform/signing-key-rollover",
    guard: {
      file: "src/gateway/tokens/entra-answer.ts",
      code: '"unknown-key",',
      without: "",
    },
    async run(_gateway, compose) {
      const next = await makeSigningKey("next");
      const keys: SigningKey[] = [];
      const gateway = await compose({
        adapters: { fetch: async () => Response.json(await keySetDocument(keys)) },
      });
      keys.push(gateway.key);
      const client = await Client.registered(gateway);
      const { refreshToken } = await client.signIn();
      gateway.clock.advance(minute);
      // The keys are read for it, and for half a minute no more.
      const header = Buffer.from(JSON.stringify({ alg: "RS256", typ: "JWT", kid: "invented" }));
      const invented = `${header.toString("base64url")}.e30.AAAA`;
      expect((await gateway.call(invented, `https://${host}/mcp`)).status).toBe(401);
      keys.push(next);
      Object.assign(gateway, { key: next });
      expect(await client.refresh(refreshToken)).toMatchObject({ status: 503 });
      gateway.clock.advance(minute);
      expect(await client.refresh(refreshToken)).toMatchObject({ status: 200 });
    },
  },
  {
    threat,
    name: "a refresh token that nobody used for weeks",
    source: "RFC 9700 section 4.14.2",
    guard: {
      file: "src/gateway/grants/grant-record.ts",
      code: "return Math.min(grant.lastUsed + idleMilliseconds, grant.endsAt);",
      without: "return grant.endsAt;",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { refreshToken } = await client.signIn();
      gateway.clock.advance(13 * day);
      const next = await client.refresh(refreshToken);
      expect(next.status).toBe(200);
      gateway.clock.advance(14 * day);
      expect(await client.refresh(next.refreshToken)).toMatchObject(invalidGrant);
    },
  },
  {
    threat,
    name: "a grant that is kept alive for ever",
    source: "docs/gateway.md, Tokens and lifetimes",
    guard: {
      file: "src/gateway/grants/grants.ts",
      code: "now() + absoluteMilliseconds",
      without: "now() + 100 * absoluteMilliseconds",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      let { refreshToken } = await client.signIn();
      for (let days = 10; days < 90; days += 10) {
        gateway.clock.advance(10 * day);
        const next = await client.refresh(refreshToken);
        expect(next.status).toBe(200);
        ({ refreshToken } = next);
      }
      gateway.clock.advance(10 * day);
      expect(await client.refresh(refreshToken)).toMatchObject(invalidGrant);
    },
  },
  {
    threat,
    name: "a claims challenge that a client passes over",
    source: "https://learn.microsoft.com/entra/identity-platform/claims-challenge",
    guard: {
      file: "src/gateway/gateway.ts",
      code: "await grants.challenged(arrival.caller, served.reason);",
      without: "",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { accessToken, refreshToken } = await client.signIn();
      const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: "c1" } } });
      gateway.entraAnswers = ({ assertion = "" }) =>
        assertion !== "" && !("acrs" in decodeJwt(assertion))
          ? refusal(50076, { claims })
          : undefined;
      expect((await gateway.call(accessToken)).status).toBe(401);
      gateway.entraAnswers = undefined;
      expect((await gateway.call(accessToken)).status).toBe(401);
      expect(await client.refresh(refreshToken)).toMatchObject(invalidGrant);
    },
  },
  {
    threat,
    name: "a stolen refresh token, after its client has revoked it",
    source: "RFC 7009 section 2.1",
    guard: {
      file: "src/gateway/tokens/revocation.ts",
      code: 'return success({ outcome: { kind: "revoked", objectId }, write });',
      without:
        'return success({ outcome: { kind: "revoked", objectId }, write: write && undefined });',
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { accessToken, refreshToken } = await client.signIn();
      await gateway.post("revoke", { token: accessToken, client_id: client.id });
      expect(await client.refresh(refreshToken)).toMatchObject(invalidGrant);
      expect((await gateway.call(accessToken)).status).toBe(401);
    },
  },
  {
    threat,
    name: "a client that revokes what is another's",
    source: "RFC 7009 section 2.1",
    guard: {
      file: "src/gateway/tokens/revocation.ts",
      code: "if (grant.clientId !== clientId)",
      without: "if (false)",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const other = await Client.registered(gateway);
      const { accessToken, refreshToken } = await client.signIn();
      for (const token of [accessToken, refreshToken]) {
        await gateway.post("revoke", { token, client_id: other.id });
      }
      expect((await gateway.call(accessToken)).status).toBe(200);
    },
  },
  {
    threat,
    name: "a grant that has ended on another instance",
    source: "docs/gateway.md, Tokens and lifetimes",
    guard: {
      file: "src/gateway/grants/seen-grants.ts",
      code: "grantMaximumAge = 10_000;",
      without: "grantMaximumAge = 10_000_000;",
    },
    async run(gateway, compose) {
      const { memory, keys } = gateway;
      const there = await compose({ memory, keys });
      const client = await Client.registered(gateway);
      const { accessToken, refreshToken } = await client.signIn();
      expect((await there.call(accessToken)).status).toBe(200);
      await gateway.post("revoke", { token: refreshToken, client_id: client.id });
      there.clock.advance(10_000);
      expect((await there.call(accessToken)).status).toBe(401);
    },
  },
  {
    threat,
    name: "a client that the settings let in no longer",
    source: "docs/gateway.md, Running it",
    guard: [
      {
        file: "src/gateway/tokens/gateway-token-verifier.ts",
        code: "if (!clients.isAllowed(clientId)) {",
        without: "if (false) {",
      },
      {
        file: "src/gateway/tokens/token-endpoint.ts",
        code: "if (!parts.clients.isAllowed(clientId.value)) {",
        without: "if (false) {",
      },
    ],
    async run(gateway, compose) {
      const { memory, keys } = gateway;
      const client = await Client.registered(gateway);
      const { accessToken, refreshToken } = await client.signIn();
      const environment = { ALLOWED_CLIENT_IDS: gatewayClientId };
      const later = await compose({ memory, keys, environment });
      expect((await later.call(accessToken)).status).toBe(403);
      const form = {
        grant_type: "refresh_token",
        refresh_token: refreshToken,
        client_id: client.id,
      };
      expect(await (await later.post("token", form)).json()).toMatchObject({
        error: "unauthorized_client",
      });
    },
  },
  {
    threat: otherThreat,
    name: "somebody else's token, where Entra refreshes",
    source: "RFC 9700 section 4.14; GHSA-c2jp-c369-7pvx",
    guard: {
      file: "src/gateway/tokens/entra-answer.ts",
      code: 'if (objectId !== grant.objectId) return { kind: "refused", code: "other-person" };',
      without: 'if (objectId === undefined) return { kind: "refused" };',
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { refreshToken } = await client.signIn();
      gateway.person = { oid: objectId.replace(/1$/, "2") };
      expect(await client.refresh(refreshToken)).toMatchObject(invalidGrant);
    },
  },
  {
    threat: otherThreat,
    name: "Entra's token of another client, where a code is redeemed",
    source: "RFC 9700 section 4.5; RFC 8725 section 3.9",
    guard: {
      file: "src/gates/gates.ts",
      code: "createTokenVerifier({ ...verifier, allowedClientIds: [clientId] })",
      without: "createTokenVerifier({ ...verifier, allowedClientIds: clientId ? [] : [] })",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      gateway.person = { azp: "bbbbbbbb-0000-4000-8000-000000000002" };
      await expect(client.signIn()).rejects.toThrow("access_denied");
    },
  },
  {
    threat: otherThreat,
    name: "Entra's token for another API, where a code is redeemed",
    source: "CVE-2025-69196; RFC 9068 section 4",
    guard: {
      file: "src/gates/token-verifier.ts",
      code: "audience: options.audience,",
      without: "",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      gateway.person = { aud: "99999999-0000-4000-8000-000000000009" };
      await expect(client.signIn()).rejects.toThrow("access_denied");
    },
  },
];
