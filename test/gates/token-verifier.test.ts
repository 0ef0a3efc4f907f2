import { createHmac } from "node:crypto";
import { exportSPKI } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { accessTokenOf, Caller } from "../../src/core/caller.ts";
import { createKeySet } from "../../src/gates/key-set.ts";
import type { TokenRejection } from "../../src/gates/token-rejection.ts";
import { createTokenVerifier, type TokenVerifier } from "../../src/gates/token-verifier.ts";
import { type RequirementId, verifies } from "../requirements.ts";
import {
  base64url,
  claimsWith,
  clientId,
  issuer,
  keySetDocument,
  makeSigningKey,
  nowSeconds,
  type SigningKey,
  sign,
  tenantId,
} from "./tokens.ts";

let key: SigningKey;
let strangersKey: SigningKey;
let verifier: TokenVerifier;

/** The verifier of the tests, for any client application or only those given. */
async function verifierFor(allowedClientIds: readonly string[] = []): Promise<TokenVerifier> {
  const document = await keySetDocument([key]);
  return createTokenVerifier({
    keySet: createKeySet({
      url: "https://login.example/keys",
      fetch: async () => Response.json(document),
      now: () => nowSeconds * 1000,
      log: () => {},
    }),
    issuer,
    audience: clientId,
    tenantId,
    allowedClientIds,
    now: () => nowSeconds * 1000,
  });
}

beforeAll(async () => {
  key = await makeSigningKey("current");
  strangersKey = await makeSigningKey("current");
  verifier = await verifierFor();
});

describe("a good token", () => {
  it(
    verifies("token.caller", "yields the caller by object id, with client, scopes and roles"),
    async () => {
      const token = await sign(
        key,
        claimsWith({
          oid: "AAAAAAAA-0000-4000-8000-000000000001",
          scp: "user_impersonation documents.read",
          roles: ["Auditor"],
          xms_cc: ["cp1"],
        }),
      );
      const result = await verifier.verify(token);
      expect(result).toEqual({ ok: true, value: expect.any(Caller) });
      if (!result.ok) return;
      expect({ ...result.value }).toEqual({
        objectId: "aaaaaaaa-0000-4000-8000-000000000001",
        tenantId,
        clientId: "bbbbbbbb-0000-4000-8000-000000000002",
        scopes: ["user_impersonation", "documents.read"],
        roles: ["Auditor"],
        handlesClaimsChallenges: true,
        expiresAt: nowSeconds + 3600,
      });
      expect(accessTokenOf(result.value)).toBe(token);
    },
  );

  it(
    verifies("token.not-shown", "never shows its token where a caller is printed or serialised"),
    async () => {
      const { inspect } = await import("node:util");
      const token = await sign(key, claimsWith());
      const result = await verifier.verify(token);
      if (!result.ok) throw new Error(result.reason.kind);
      const shown = `${JSON.stringify(result.value)} ${inspect(result.value, { showHidden: true, depth: 9 })} ${String(result.value)}`;
      expect(shown).not.toContain(token);
      expect(shown).not.toContain(token.split(".")[2]);
    },
  );

  it(verifies("token.lifetime", "is accepted within 30 s of clock difference"), async () => {
    for (const change of [
      { exp: nowSeconds - 29 },
      { nbf: nowSeconds + 29 },
      { iat: nowSeconds + 29 },
    ]) {
      expect((await verifier.verify(await sign(key, claimsWith(change)))).ok).toBe(true);
    }
  });
});

it(
  verifies(
    "token.allowed-clients",
    "is accepted from the client applications that are allowed, where any are named",
  ),
  async () => {
    const token = await sign(key, claimsWith());
    const { azp } = claimsWith();
    expect((await (await verifierFor([azp])).verify(token)).ok).toBe(true);
    const others = await verifierFor(["cccccccc-0000-4000-8000-000000000009"]);
    expect(await others.verify(token)).toEqual({
      ok: false,
      reason: { kind: "client-not-allowed", got: azp },
    });
  },
);

/** One kind of bad token: how it is made, and the one reason it must be refused for. */
interface BadToken {
  readonly name: string;
  readonly requirement: RequirementId;
  readonly make: () => Promise<string> | string;
  readonly expected: TokenRejection;
}

const changed = (changes: Readonly<Record<string, unknown>>) => () =>
  sign(key, claimsWith(changes));
const headed = (header: Readonly<Record<string, unknown>>) => () => sign(key, claimsWith(), header);
const unsigned = (header: unknown, signature = "") =>
  `${base64url(header)}.${base64url(claimsWith())}.${signature}`;

const badTokens: readonly BadToken[] = [
  {
    name: "signed by another key under our key's id",
    requirement: "token.signature",
    make: () => sign(strangersKey, claimsWith()),
    expected: { kind: "bad-signature" },
  },
  {
    name: "with claims altered after signing",
    requirement: "token.signature",
    make: async () => {
      const [header, , signature] = (await sign(key, claimsWith())).split(".");
      return `${header}.${base64url(claimsWith({ oid: "cccccccc-0000-4000-8000-000000000003" }))}.${signature}`;
    },
    expected: { kind: "bad-signature" },
  },
  {
    name: "with its signature cut off",
    requirement: "token.signature",
    make: async () => (await sign(key, claimsWith())).replace(/[^.]*$/, ""),
    expected: { kind: "bad-signature" },
  },
  {
    name: "with another last character for the same signature",
    requirement: "token.signature",
    make: async () => {
      // 256 bytes leave four bits of the last of 342 characters over.
      const token = await sign(key, claimsWith());
      const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      return token.slice(0, -1) + alphabet.charAt(alphabet.indexOf(token.slice(-1)) ^ 1);
    },
    expected: { kind: "malformed-token" },
  },
  {
    name: "with the algorithm none",
    requirement: "token.algorithm",
    make: () => unsigned({ alg: "none", typ: "JWT", kid: "current" }),
    expected: { kind: "unsupported-algorithm", got: "none", expected: "RS256" },
  },
  {
    name: "with the algorithm NONE in capitals",
    requirement: "token.algorithm",
    make: () => unsigned({ alg: "NONE", typ: "JWT", kid: "current" }),
    expected: { kind: "unsupported-algorithm", got: "NONE", expected: "RS256" },
  },
  {
    name: "signed HS256 with the public key as the secret",
    requirement: "token.algorithm",
    make: async () => {
      const input = unsigned({ alg: "HS256", typ: "JWT", kid: "current" }).replace(/\.$/, "");
      const publicKey = await exportSPKI(key.publicKey);
      return `${input}.${createHmac("sha256", publicKey).update(input).digest("base64url")}`;
    },
    expected: { kind: "unsupported-algorithm", got: "HS256", expected: "RS256" },
  },
  {
    name: "that says PS256",
    requirement: "token.algorithm",
    make: () => unsigned({ alg: "PS256", typ: "JWT", kid: "current" }, "AAAA"),
    expected: { kind: "unsupported-algorithm", got: "PS256", expected: "RS256" },
  },
  {
    name: "without an algorithm",
    requirement: "token.algorithm",
    make: () => unsigned({ typ: "JWT", kid: "current" }, "AAAA"),
    expected: { kind: "unsupported-algorithm", got: "nothing", expected: "RS256" },
  },
  {
    name: "of another type",
    requirement: "token.header",
    make: headed({ typ: "dpop+jwt" }),
    expected: { kind: "unsupported-type", got: "dpop+jwt", expected: "JWT" },
  },
  {
    name: "with a critical header extension",
    requirement: "token.header",
    make: () => unsigned({ alg: "RS256", typ: "JWT", kid: "current", crit: ["exp"] }, "AAAA"),
    expected: { kind: "unsupported-critical-header" },
  },
  {
    name: "with an unencoded payload (b64)",
    requirement: "token.header",
    make: () => unsigned({ alg: "RS256", typ: "JWT", kid: "current", b64: false }, "AAAA"),
    expected: { kind: "unsupported-critical-header" },
  },
  {
    name: "without a key id",
    requirement: "token.header",
    make: headed({ kid: undefined }),
    expected: { kind: "missing-key-id" },
  },
  {
    name: "with an unknown key id",
    requirement: "token.unknown-key",
    make: headed({ kid: "invented" }),
    expected: { kind: "unknown-key", got: "invented" },
  },
  {
    name: "that brings its own key in the header",
    requirement: "token.unknown-key",
    make: async () => {
      const { keys } = (await keySetDocument([strangersKey])) as { keys: unknown[] };
      return sign(strangersKey, claimsWith(), { kid: "brought", jwk: keys[0] });
    },
    expected: { kind: "unknown-key", got: "brought" },
  },
  {
    name: "from another issuer",
    requirement: "token.issuer",
    make: changed({ iss: "https://evil.example/v2.0" }),
    expected: { kind: "wrong-issuer", got: "https://evil.example/v2.0", expected: issuer },
  },
  {
    name: "whose issuer differs by a slash",
    requirement: "token.issuer",
    make: changed({ iss: `${issuer}/` }),
    expected: { kind: "wrong-issuer", got: `${issuer}/`, expected: issuer },
  },
  {
    name: "without an issuer",
    requirement: "token.issuer",
    make: changed({ iss: undefined }),
    expected: { kind: "missing-claim", claim: "iss" },
  },
  {
    name: "for another audience",
    requirement: "token.audience",
    make: changed({ aud: "https://graph.microsoft.com" }),
    expected: {
      kind: "wrong-audience",
      got: "https://graph.microsoft.com",
      expected: clientId,
    },
  },
  {
    name: "for several audiences, ours among them",
    requirement: "token.audience",
    make: changed({ aud: [clientId, "https://graph.microsoft.com"] }),
    expected: {
      kind: "wrong-audience",
      got: `["${clientId}","https://graph.microsoft.com"]`,
      expected: clientId,
    },
  },
  {
    name: "without an audience",
    requirement: "token.audience",
    make: changed({ aud: undefined }),
    expected: { kind: "missing-claim", claim: "aud" },
  },
  {
    name: "of another tenant",
    requirement: "token.tenant",
    make: changed({ tid: "99999999-2222-3333-4444-555555555555" }),
    expected: {
      kind: "wrong-tenant",
      got: "99999999-2222-3333-4444-555555555555",
      expected: tenantId,
    },
  },
  {
    name: "without a tenant",
    requirement: "token.tenant",
    make: changed({ tid: undefined }),
    expected: { kind: "wrong-tenant", got: "nothing", expected: tenantId },
  },
  {
    name: "that has expired",
    requirement: "token.lifetime",
    make: changed({ exp: nowSeconds - 31 }),
    expected: { kind: "expired", secondsAgo: 31 },
  },
  {
    name: "without an expiry",
    requirement: "token.lifetime",
    make: changed({ exp: undefined }),
    expected: { kind: "missing-claim", claim: "exp" },
  },
  {
    name: "whose expiry is no number",
    requirement: "token.lifetime",
    make: changed({ exp: "tomorrow" }),
    expected: { kind: "malformed-claim", claim: "exp" },
  },
  {
    name: "that is not valid yet",
    requirement: "token.lifetime",
    make: changed({ nbf: nowSeconds + 31 }),
    expected: { kind: "not-yet-valid", secondsAhead: 31 },
  },
  {
    name: "without a time from which it is valid",
    requirement: "token.lifetime",
    make: changed({ nbf: undefined }),
    expected: { kind: "missing-claim", claim: "nbf" },
  },
  {
    name: "issued in the future",
    requirement: "token.lifetime",
    make: changed({ iat: nowSeconds + 31 }),
    expected: { kind: "issued-in-the-future", secondsAhead: 31 },
  },
  {
    name: "without a time of issue",
    requirement: "token.lifetime",
    make: changed({ iat: undefined }),
    expected: { kind: "missing-claim", claim: "iat" },
  },
  {
    name: "of version 1.0, by its issuer",
    requirement: "token.version",
    make: changed({
      ver: "1.0",
      iss: `https://sts.windows.net/${tenantId}/`,
      aud: "api://mcp",
    }),
    expected: { kind: "version-1-token" },
  },
  {
    name: "of version 1.0 under our issuer",
    requirement: "token.version",
    make: changed({ ver: "1.0" }),
    expected: { kind: "version-1-token" },
  },
  {
    name: "without a version",
    requirement: "token.version",
    make: changed({ ver: undefined }),
    expected: { kind: "wrong-version", got: "nothing", expected: "2.0" },
  },
  {
    name: "without an object id",
    requirement: "token.object-id",
    make: changed({ oid: undefined }),
    expected: { kind: "missing-claim", claim: "oid" },
  },
  {
    name: "whose object id is no GUID",
    requirement: "token.object-id",
    make: changed({ oid: "user1@contoso.example" }),
    expected: { kind: "malformed-claim", claim: "oid" },
  },
  {
    name: "without a client application",
    requirement: "token.client",
    make: changed({ azp: undefined }),
    expected: { kind: "missing-claim", claim: "azp" },
  },
  {
    name: "of an application, nobody signed in",
    requirement: "token.delegated",
    make: changed({ idtyp: "app", scp: undefined, roles: ["Everything"] }),
    expected: { kind: "app-only" },
  },
  {
    name: "of an application that claims a scope",
    requirement: "token.delegated",
    make: changed({ idtyp: "app" }),
    expected: { kind: "app-only" },
  },
  {
    name: "without any scope, such as an id token",
    requirement: "token.delegated",
    make: changed({ scp: undefined }),
    expected: { kind: "no-delegated-scope", expected: "user_impersonation" },
  },
  {
    name: "whose scopes are no text",
    requirement: "token.scope",
    make: changed({ scp: ["user_impersonation"] }),
    expected: { kind: "malformed-claim", claim: "scp" },
  },
  {
    name: "with other scopes only",
    requirement: "token.scope",
    make: changed({ scp: "user_impersonation_not openid" }),
    expected: {
      kind: "missing-scope",
      got: "user_impersonation_not openid",
      expected: "user_impersonation",
    },
  },
  {
    name: "with the qualified scope, as no token has it",
    requirement: "token.scope",
    make: changed({ scp: "api://mcp/user_impersonation" }),
    expected: {
      kind: "missing-scope",
      got: "api://mcp/user_impersonation",
      expected: "user_impersonation",
    },
  },
  {
    name: "bound to a proof-of-possession key",
    requirement: "token.sender-constrained",
    make: changed({ cnf: { kid: "client-key", xms_ksl: "sw" } }),
    expected: { kind: "sender-constrained" },
  },
  {
    name: "whose roles are malformed",
    requirement: "token.malformed",
    make: changed({ roles: "Auditor" }),
    expected: { kind: "malformed-claim", claim: "roles" },
  },
  {
    name: "whose payload is no object",
    requirement: "token.malformed",
    make: () => sign(key, '["not","claims"]'),
    expected: { kind: "malformed-token" },
  },
  {
    name: "whose payload is no JSON",
    requirement: "token.malformed",
    make: () => sign(key, "{"),
    expected: { kind: "malformed-token" },
  },
  {
    name: "that is garbage",
    requirement: "token.malformed",
    make: () => "garbage",
    expected: { kind: "malformed-token" },
  },
  {
    name: "that is garbage with dots",
    requirement: "token.malformed",
    make: () => "not.a.token",
    expected: { kind: "malformed-token" },
  },
  {
    name: "that is empty with dots",
    requirement: "token.malformed",
    make: () => "..",
    expected: { kind: "malformed-token" },
  },
  {
    name: "that is encrypted",
    requirement: "token.malformed",
    make: () => `${base64url({ alg: "RSA-OAEP", enc: "A256GCM" })}.a.b.c.d`,
    expected: { kind: "encrypted-token" },
  },
  {
    name: "that is oversized",
    requirement: "token.size",
    make: () => "a".repeat(20_000),
    expected: { kind: "token-too-large", got: 20_000, limit: 12_288 },
  },
];

describe("a token", () => {
  for (const { name, requirement, make, expected } of badTokens) {
    it(verifies(requirement, `${name} is refused as ${expected.kind}`), async () => {
      expect(await verifier.verify(await make())).toEqual({ ok: false, reason: expected });
    });
  }
});
