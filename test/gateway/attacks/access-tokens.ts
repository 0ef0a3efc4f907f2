import { createHmac } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from "jose";
import { expect } from "vitest";
import { base64url, claimsWith, sign } from "../../gates/tokens.ts";
import { host } from "../../support/composed.ts";
import { type ComposedGateway, gatewayClientId, issuer, resource } from "../composed-gateway.ts";
import type { Attack, Guard } from "./attack.ts";
import { Browser } from "./browser.ts";
import { Client } from "./client.ts";
import { resigned } from "./resigned.ts";

const forgedThreat = "gateway-attacks.access-token";
const elsewhere = "gateway-attacks.token-elsewhere";
const moreThreat = "gateway-attacks.more-than-granted";
const reading = "src/gateway/tokens/access-token.ts";
const mcp = `https://${host}/mcp`;

/** The one that reads what is claimed, whoever has signed it. */
const unsigned: readonly Guard[] = [
  {
    file: reading,
    code: "const { payload } = await jwtVerify(token, key.value, {",
    without:
      'const payload = JSON.parse(String(Buffer.from(token.split(".")[1] ?? "", "base64url")));\n    void jwtVerify;\n    void ({',
  },
  { file: reading, code: "if (header.alg !== algorithm) {", without: "if (false) {" },
];

/** A token with claims and header of the attacker's, and a signature of theirs. */
function forged(
  token: string,
  header: Readonly<Record<string, unknown>>,
  signature: (input: string) => string,
): string {
  const later = Number(decodeJwt(token).exp) + 3600;
  const claims = { ...decodeJwt(token), exp: later };
  const input = `${base64url({ ...decodeProtectedHeader(token), ...header })}.${base64url(claims)}`;
  return `${input}.${signature(input)}`;
}

async function accessTokenFor(gateway: ComposedGateway): Promise<string> {
  const client = await Client.registered(gateway);
  const { accessToken } = await client.signIn();
  expect((await gateway.call(accessToken)).status).toBe(200);
  return accessToken;
}

export const accessTokenAttacks: readonly Attack[] = [
  {
    threat: forgedThreat,
    name: "a token without a signature",
    source: "RFC 8725 section 3.1, of the algorithm none",
    guard: unsigned,
    async run(gateway) {
      const token = await accessTokenFor(gateway);
      gateway.clock.advance(601_000);
      const unsigned = forged(token, { alg: "none" }, () => "");
      expect((await gateway.call(unsigned)).status).toBe(401);
    },
  },
  {
    threat: forgedThreat,
    name: "a token signed with the public key as a secret",
    source: "RFC 8725 section 2.1",
    guard: unsigned,
    async run(gateway) {
      const token = await accessTokenFor(gateway);
      gateway.clock.advance(601_000);
      const answer = await gateway.fetch(`${issuer}/jwks`);
      const [jwk] = JSON.parse(await answer.text()).keys;
      const { x, y } = jwk;
      const point = Buffer.concat([
        Buffer.from([4]),
        ...[x, y].map((n) => Buffer.from(n, "base64url")),
      ]);
      for (const secret of [JSON.stringify(jwk), point, x]) {
        const hmac = (input: string) =>
          createHmac("sha256", secret).update(input).digest("base64url");
        expect((await gateway.call(forged(token, { alg: "HS256" }, hmac))).status).toBe(401);
      }
    },
  },
  {
    threat: forgedThreat,
    name: "claims that were changed under a signature of the gateway's",
    source: "RFC 7515 section 10.9",
    guard: unsigned,
    async run(gateway) {
      const token = await accessTokenFor(gateway);
      gateway.clock.advance(601_000);
      const longer = forged(token, {}, () => String(token.split(".")[2]));
      expect((await gateway.call(longer)).status).toBe(401);
    },
  },
  {
    threat: forgedThreat,
    name: "a token that brings its own key",
    source: "RFC 8725 section 3.10",
    guard: unsigned,
    async run(gateway) {
      const token = await accessTokenFor(gateway);
      gateway.clock.advance(601_000);
      const { privateKey, publicKey } = await generateKeyPair("ES256");
      const jwk = await exportJWK(publicKey);
      const claims = { ...decodeJwt(token), exp: Number(decodeJwt(token).exp) + 3600 };
      const { kid } = decodeProtectedHeader(token);
      const brought = await new SignJWT(claims)
        .setProtectedHeader({
          alg: "ES256",
          typ: "at+jwt",
          kid: String(kid),
          jwk,
          jku: "https://evil.example/jwks",
        })
        .sign(privateKey);
      expect((await gateway.call(brought)).status).toBe(401);
    },
  },
  {
    threat: forgedThreat,
    name: "an access token after its ten minutes",
    source: "RFC 9068 section 4",
    guard: {
      file: reading,
      code: "currentDate: new Date(now()),",
      without: "currentDate: new Date(0),",
    },
    async run(gateway) {
      const token = await accessTokenFor(gateway);
      gateway.clock.advance(600_000);
      expect((await gateway.call(token)).status).toBe(401);
    },
  },
  {
    threat: elsewhere,
    name: "a token of the gateway's for another audience",
    source: "CVE-2025-69196; RFC 9068 section 4",
    guard: { file: reading, code: "audience: settings.resource,", without: "" },
    async run(gateway) {
      const token = await accessTokenFor(gateway);
      for (const aud of [mcp, "https://other.example/mcp", issuer]) {
        expect((await gateway.call(await resigned(gateway, token, { aud }))).status).toBe(401);
      }
    },
  },
  {
    threat: elsewhere,
    name: "a token of another issuer",
    source: "RFC 8725 section 3.8",
    guard: { file: reading, code: "issuer: settings.issuer,", without: "" },
    async run(gateway) {
      const token = await accessTokenFor(gateway);
      const other = await resigned(gateway, token, { iss: "https://evil.example/gateway" });
      expect((await gateway.call(other)).status).toBe(401);
    },
  },
  {
    threat: elsewhere,
    name: "a refresh token, a code, or another JWT as an access token",
    source: "jlowin/fastmcp#3524; RFC 8725 section 3.11",
    guard: { file: reading, code: "if (header.typ !== type) {", without: "if (false) {" },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const code = await client.code();
      const { accessToken, refreshToken } = await client.signIn();
      for (const token of [code, refreshToken]) {
        expect((await gateway.call(token)).status).toBe(401);
      }
      for (const typ of ["JWT", "dpop+jwt", "logout+jwt"]) {
        const other = await resigned(gateway, accessToken, {}, { typ });
        expect((await gateway.call(other)).status).toBe(401);
      }
    },
  },
  {
    threat: elsewhere,
    name: "Entra's token at the gateway, passed through",
    source: "https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices",
    guard: {
      file: "src/gateway/tokens/gateway-token-verifier.ts",
      code: "if (!read.ok) return read;",
      without: "if (!read.ok) return upstreamVerifier.verify(token);",
    },
    async run(gateway) {
      for (const azp of [gatewayClientId, "bbbbbbbb-0000-4000-8000-000000000002"]) {
        const token = await sign(gateway.key, claimsWith({ azp }));
        expect((await gateway.call(token)).status).toBe(401);
      }
    },
  },
  {
    threat: elsewhere,
    name: "Entra's token of the gateway's registration, or the gateway's own, at /mcp",
    source: "docs/gateway.md, When to use it",
    guard: {
      file: "src/gates/token-verifier.ts",
      code: 'if (caller.data.azp === gatewayClientId) return failure({ kind: "gateway-token" });',
      without: "void gatewayClientId;",
    },
    async run(gateway) {
      const own = await accessTokenFor(gateway);
      const ofRegistration = await sign(gateway.key, claimsWith({ azp: gatewayClientId }));
      expect((await gateway.call(own, mcp)).status).toBe(401);
      expect((await gateway.call(ofRegistration, mcp)).status).toBe(403);
      const token = await sign(gateway.key, claimsWith());
      expect((await gateway.call(token, mcp)).status).toBe(200);
    },
  },
  {
    threat: moreThreat,
    name: "a sign-in for another server's resource",
    source: "RFC 8707 section 2; CVE-2025-69196",
    guard: {
      file: "src/gateway/authorize/authorization-request.ts",
      code: "holds: (value) => isAbsent(value) || value === resource,",
      without: "holds: () => true,",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      for (const asked of [mcp, "https://other.example/mcp", `${resource}/`]) {
        const url = client.authorizeUrl({ resource: asked });
        expect(await new Browser(gateway).goThrough(url)).toBeUndefined();
      }
      expect(await new Browser(gateway).goThrough(client.authorizeUrl({ resource }))).toBeDefined();
    },
  },
  {
    threat: moreThreat,
    name: "tokens for another server's resource",
    source: "RFC 8707 section 2.2",
    guard: {
      file: "src/gateway/tokens/token-endpoint.ts",
      code: "return resource !== undefined && resource !== settings.resource;",
      without: "return resource === settings.issuer;",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const invalidTarget = { status: 400, error: "invalid_target" };
      const code = await client.code();
      expect(await client.redeem(code, { resource: mcp })).toMatchObject(invalidTarget);
      const { refreshToken } = await client.redeem(code, { resource });
      expect(await client.refresh(refreshToken, { resource: mcp })).toMatchObject(invalidTarget);
    },
  },
  {
    threat: moreThreat,
    name: "a scope that grows with a refresh",
    source: "RFC 6749 section 6",
    guard: [
      {
        file: "src/gateway/tokens/scopes.ts",
        code: "if (!named.every((scope) => granted.includes(scope))) return undefined;",
        without: "",
      },
      {
        file: "src/gateway/tokens/scopes.ts",
        code: "granted.filter((scope) => named.includes(scope));",
        without: "named;",
      },
    ],
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { refreshToken } = await client.signIn();
      const scope = "user_impersonation Files.ReadWrite.All";
      const grown = await client.refresh(refreshToken, { scope });
      expect(grown).toMatchObject({ status: 400, error: "invalid_scope" });
    },
  },
  {
    threat: moreThreat,
    name: "a scope that the gateway does not know, alone",
    source: "RFC 6749 section 3.3",
    guard: {
      file: "src/gateway/authorize/authorization-request.ts",
      code: "holds: (value) => scopesFor(value).length > 0,",
      without: "holds: () => true,",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      for (const scope of ["Files.ReadWrite.All", "api://mcp/.default", "USER_IMPERSONATION"]) {
        const page = await new Browser(gateway).open(client.authorizeUrl({ scope }));
        expect([page.status, page.next]).toEqual([400, undefined]);
      }
    },
  },
  {
    threat: moreThreat,
    name: "a grant type that asks no person",
    source: "RFC 6749 sections 4.3 and 4.4; RFC 9700 section 2.4",
    guard: {
      file: "src/gateway/tokens/token-endpoint.ts",
      code: 'if (grantType.value !== "authorization_code" && grantType.value !== "refresh_token") {',
      without: "if (false) {",
    },
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { refreshToken } = await client.signIn();
      for (const grant_type of [
        "client_credentials",
        "password",
        "urn:ietf:params:oauth:grant-type:token-exchange",
      ]) {
        const answer = await client.refresh(refreshToken, {
          grant_type,
          username: "u",
          password: "p",
        });
        expect(answer).toMatchObject({ status: 400, error: "unsupported_grant_type" });
      }
    },
  },
  {
    threat: moreThreat,
    name: "a secret that a client believes to be protected by",
    source: "RFC 6749 section 2.3.1; RFC 7591 section 2",
    guard: [
      {
        file: "src/gateway/tokens/token-answers.ts",
        code: "if (hasAuthorization) return failure(authenticationAnswer(401));",
        without: "",
      },
      {
        file: "src/gateway/tokens/token-answers.ts",
        code: "if (secretParameters.some((name) => form.value.has(name))) {",
        without: "if (false) {",
      },
    ],
    async run(gateway) {
      const client = await Client.registered(gateway);
      const { refreshToken } = await client.signIn();
      for (const secret of [{ client_secret: "s" }, { client_assertion: "a.b.c" }]) {
        const answer = await client.refresh(refreshToken, secret);
        expect(answer).toMatchObject({ status: 400, error: "invalid_client" });
      }
      const form = {
        grant_type: "refresh_token",
        refresh_token: refreshToken,
        client_id: client.id,
      };
      const basic = await gateway.fetch(`${issuer}/token`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa(`${client.id}:secret`)}` },
        body: new URLSearchParams(form),
      });
      expect(basic.status).toBe(401);
    },
  },
];
