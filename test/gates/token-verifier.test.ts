import { createHmac } from "node:crypto";
import { inspect } from "node:util";
import { exportSPKI } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { accessTokenOf, Caller } from "../../src/core/caller.ts";
import { failure } from "../../src/core/result.ts";
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
async function verifierFor(
  allowedClientIds: readonly string[] = [],
  allowAgentUsers = false,
): Promise<TokenVerifier> {
  const document = await keySetDocument([key]);
  return createTokenVerifier({
    keySet: createKeySet({
      url: "https://login.example/keys",
      issuers: [issuer],
      fetch: async () => Response.json(document),
      now: () => nowSeconds * 1000,
      log: () => {},
    }),
    issuer,
    audience: clientId,
    tenantId,
    allowedClientIds,
    allowAgentUsers,
    now: () => nowSeconds * 1000,
  });
}

beforeAll(async () => {
  key = await makeSigningKey("current");
  strangersKey = await makeSigningKey("current");
  verifier = await verifierFor();
});

describe("a good token", () => {
  it(verifies("token.caller", "yields a caller: object id, client, scopes, roles"), async () => {
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
  });

  it(verifies("token.not-shown", "is not shown where a caller is serialised"), async () => {
    const token = await sign(key, claimsWith());
    const result = await verifier.verify(token);
    if (!result.ok) throw new Error(result.reason.kind);
    const shown = `${JSON.stringify(result.value)} ${inspect(result.value, { showHidden: true, depth: 9 })} ${String(result.value)}`;
    expect(shown).not.toContain(token);
    expect(shown).not.toContain(token.split(".")[2]);
  });

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

it(verifies("token.allowed-clients", "is accepted from allowed client applications"), async () => {
  const token = await sign(key, claimsWith());
  const { azp } = claimsWith();
  expect((await (await verifierFor([azp])).verify(token)).ok).toBe(true);
  const others = await verifierFor(["cccccccc-0000-4000-8000-000000000009"]);
  expect(await others.verify(token)).toEqual(failure({ kind: "client-not-allowed", got: azp }));
});

describe("an AI agent", () => {
  const parentId = "dddddddd-0000-4000-8000-00000000000d";
  const acting = { idtyp: "user", xms_act_fct: "9 11 3", xms_par_app_azp: parentId };
  const ownAccount = { ...acting, xms_sub_fct: "3 13" };
  const agentIn = async (by: TokenVerifier, claims: object) => {
    const result = await by.verify(await sign(key, claimsWith({ ...claims })));
    return result.ok ? result.value.agent : result.reason;
  };

  it(verifies("token.agent-acting", "that acts for a person is let in, and named"), async () => {
    expect(await agentIn(verifier, acting)).toEqual({ kind: "for-person", parentId });
    const malformed = { ...acting, xms_par_app_azp: "no id" };
    expect(await agentIn(verifier, malformed)).toEqual({ kind: "for-person" });
    expect(await agentIn(verifier, { xms_act_fct: "1 111 3" })).toBeUndefined();
    const { azp } = claimsWith();
    const others = await verifierFor(["cccccccc-0000-4000-8000-000000000009"]);
    expect(await agentIn(others, acting)).toEqual({ kind: "client-not-allowed", got: azp });
  });

  it(verifies("token.agent-user", "with an account of its own is no person"), async () => {
    const { azp } = claimsWith();
    for (const facets of ["13", "13 9", "9 13"]) {
      const refused = { kind: "agent-user", got: azp };
      expect(await agentIn(verifier, { ...ownAccount, xms_sub_fct: facets })).toEqual(refused);
    }
    expect(await agentIn(verifier, { xms_sub_fct: ["13"] })).toMatchObject({
      kind: "malformed-claim",
    });
    const allowing = await verifierFor([], true);
    expect(await agentIn(allowing, ownAccount)).toEqual({ kind: "own-account", parentId });
  });
});

/** How a bad token is made: the claims of a good one, changed, or all of it. */
type Making = Readonly<Record<string, unknown>> | (() => Promise<string> | string);
/** The one reason it must be refused for; its kind alone where that is all there is to it. */
type Expected = TokenRejection | TokenRejection["kind"];

/** Bad tokens of one requirement by name. */
function refuses(requirement: RequirementId, tokens: Readonly<Record<string, [Making, Expected]>>) {
  for (const [name, [making, expected]] of Object.entries(tokens)) {
    const reason = typeof expected === "string" ? { kind: expected } : expected;
    it(verifies(requirement, `${name} is refused as ${reason.kind}`), async () => {
      const made = typeof making === "function" ? making() : sign(key, claimsWith(making));
      expect(await verifier.verify(await made)).toEqual({ ok: false, reason });
    });
  }
}

const headed = (header: Readonly<Record<string, unknown>>) => () => sign(key, claimsWith(), header);
const unsigned = (header: object, signature = "") =>
  `${base64url({ typ: "JWT", kid: "current", ...header })}.${base64url(claimsWith())}.${signature}`;

const otherThanRs256 = (got: string): TokenRejection => ({
  kind: "unsupported-algorithm",
  got,
  expected: "RS256",
});
const wrong = (claim: "issuer" | "audience" | "tenant", got: string): TokenRejection => ({
  kind: `wrong-${claim}`,
  got,
  expected: { issuer, audience: clientId, tenant: tenantId }[claim],
});
const missing = (claim: string): TokenRejection => ({ kind: "missing-claim", claim });
const malformed = (claim: string): TokenRejection => ({ kind: "malformed-claim", claim });
const missingScope = (got: string): TokenRejection => ({
  kind: "missing-scope",
  got,
  expected: "user_impersonation",
});

describe("a token", () => {
  refuses("token.signature", {
    "signed by another key under our key's id": [
      () => sign(strangersKey, claimsWith()),
      "bad-signature",
    ],
    "with claims altered after signing": [
      async () => {
        const [header, , signature] = (await sign(key, claimsWith())).split(".");
        return `${header}.${base64url(claimsWith({ oid: "cccccccc-0000-4000-8000-000000000003" }))}.${signature}`;
      },
      "bad-signature",
    ],
    "with its signature cut off": [
      async () => (await sign(key, claimsWith())).replace(/[^.]*$/, ""),
      "bad-signature",
    ],
    "with another last character for the same signature": [
      async () => {
        // 256 bytes leave four bits of the last of 342 characters over.
        const token = await sign(key, claimsWith());
        const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return token.slice(0, -1) + alphabet.charAt(alphabet.indexOf(token.slice(-1)) ^ 1);
      },
      "malformed-token",
    ],
  });

  refuses("token.algorithm", {
    "with the algorithm none": [() => unsigned({ alg: "none" }), otherThanRs256("none")],
    "with the algorithm NONE in capitals": [
      () => unsigned({ alg: "NONE" }),
      otherThanRs256("NONE"),
    ],
    "signed HS256 with the public key as the secret": [
      async () => {
        const input = unsigned({ alg: "HS256" }).replace(/\.$/, "");
        const publicKey = await exportSPKI(key.publicKey);
        return `${input}.${createHmac("sha256", publicKey).update(input).digest("base64url")}`;
      },
      otherThanRs256("HS256"),
    ],
    "that says PS256": [() => unsigned({ alg: "PS256" }, "AAAA"), otherThanRs256("PS256")],
    "without an algorithm": [() => unsigned({}, "AAAA"), otherThanRs256("nothing")],
  });

  refuses("token.header", {
    "of another type": [
      headed({ typ: "dpop+jwt" }),
      { kind: "unsupported-type", got: "dpop+jwt", expected: "JWT" },
    ],
    "with a critical header extension": [
      () => unsigned({ alg: "RS256", crit: ["exp"] }, "AAAA"),
      "unsupported-critical-header",
    ],
    "with an unencoded payload (b64)": [
      () => unsigned({ alg: "RS256", b64: false }, "AAAA"),
      "unsupported-critical-header",
    ],
    "without a key id": [headed({ kid: undefined }), "missing-key-id"],
  });

  refuses("token.unknown-key", {
    "with an unknown key id": [
      headed({ kid: "invented" }),
      { kind: "unknown-key", got: "invented" },
    ],
    "that brings its own key in the header": [
      async () => {
        const { keys } = (await keySetDocument([strangersKey])) as { keys: unknown[] };
        return sign(strangersKey, claimsWith(), { kid: "brought", jwk: keys[0] });
      },
      { kind: "unknown-key", got: "brought" },
    ],
  });

  const evil = "https://evil.example/v2.0";
  refuses("token.issuer", {
    "from another issuer": [{ iss: evil }, wrong("issuer", evil)],
    "whose issuer differs by a slash": [{ iss: `${issuer}/` }, wrong("issuer", `${issuer}/`)],
    "without an issuer": [{ iss: undefined }, missing("iss")],
  });

  const graph = "https://graph.microsoft.com";
  refuses("token.audience", {
    "for another audience": [{ aud: graph }, wrong("audience", graph)],
    "for several audiences, ours among them": [
      { aud: [clientId, graph] },
      wrong("audience", `["${clientId}","${graph}"]`),
    ],
    "without an audience": [{ aud: undefined }, missing("aud")],
  });

  const otherTenant = "99999999-2222-3333-4444-555555555555";
  refuses("token.tenant", {
    "of another tenant": [{ tid: otherTenant }, wrong("tenant", otherTenant)],
    "without a tenant": [{ tid: undefined }, wrong("tenant", "nothing")],
  });

  refuses("token.lifetime", {
    "that has expired": [{ exp: nowSeconds - 31 }, { kind: "expired", secondsAgo: 31 }],
    "without an expiry": [{ exp: undefined }, missing("exp")],
    "whose expiry is no number": [{ exp: "tomorrow" }, malformed("exp")],
    "that is not valid yet": [
      { nbf: nowSeconds + 31 },
      { kind: "not-yet-valid", secondsAhead: 31 },
    ],
    "without a time from which it is valid": [{ nbf: undefined }, missing("nbf")],
    "issued in the future": [
      { iat: nowSeconds + 31 },
      { kind: "issued-in-the-future", secondsAhead: 31 },
    ],
    "from the future, with another audience": [
      { nbf: nowSeconds + 31, aud: "https://graph.microsoft.com" },
      wrong("audience", "https://graph.microsoft.com"),
    ],
    "from the future, of another tenant": [
      { nbf: nowSeconds + 31, tid: "99999999-2222-3333-4444-555555555555" },
      wrong("tenant", "99999999-2222-3333-4444-555555555555"),
    ],
    "issued in the future, for several audiences": [
      { iat: nowSeconds + 31, aud: [clientId, "https://graph.microsoft.com"] },
      wrong("audience", `["${clientId}","https://graph.microsoft.com"]`),
    ],
    "from the future, signed by another key": [
      () => sign(strangersKey, claimsWith({ nbf: nowSeconds + 31 })),
      "bad-signature",
    ],
    "without a time of issue": [{ iat: undefined }, missing("iat")],
  });

  refuses("token.version", {
    "of version 1.0, by its issuer": [
      { ver: "1.0", iss: `https://sts.windows.net/${tenantId}/`, aud: "api://mcp" },
      "version-1-token",
    ],
    "of version 1.0 under our issuer": [{ ver: "1.0" }, "version-1-token"],
    "without a version": [
      { ver: undefined },
      { kind: "wrong-version", got: "nothing", expected: "2.0" },
    ],
  });

  refuses("token.object-id", {
    "without an object id": [{ oid: undefined }, missing("oid")],
    "whose object id is no GUID": [{ oid: "user1@contoso.example" }, malformed("oid")],
  });

  refuses("token.client", {
    "without a client application": [{ azp: undefined }, missing("azp")],
  });

  refuses("token.delegated", {
    "of an application, nobody signed in": [
      { idtyp: "app", scp: undefined, roles: ["Everything"] },
      "app-only",
    ],
    "of an application that claims a scope": [{ idtyp: "app" }, "app-only"],
    "without any scope, such as an id token": [
      { scp: undefined },
      { kind: "no-delegated-scope", expected: "user_impersonation" },
    ],
  });

  refuses("token.scope", {
    "whose scopes are no text": [{ scp: ["user_impersonation"] }, malformed("scp")],
    "with other scopes only": [
      { scp: "user_impersonation_not openid" },
      missingScope("user_impersonation_not openid"),
    ],
    "with the qualified scope, as no token has it": [
      { scp: "api://mcp/user_impersonation" },
      missingScope("api://mcp/user_impersonation"),
    ],
  });

  refuses("token.sender-constrained", {
    "bound to a proof-of-possession key": [
      { cnf: { kid: "client-key", xms_ksl: "sw" } },
      "sender-constrained",
    ],
  });

  refuses("token.malformed", {
    "whose roles are malformed": [{ roles: "Auditor" }, malformed("roles")],
    "whose payload is no object": [() => sign(key, '["not","claims"]'), "malformed-token"],
    "whose payload is no JSON": [() => sign(key, "{"), "malformed-token"],
    "that is garbage": [() => "garbage", "malformed-token"],
    "that is garbage with dots": [() => "not.a.token", "malformed-token"],
    "that is empty with dots": [() => "..", "malformed-token"],
    "that is encrypted": [
      () => `${base64url({ alg: "RSA-OAEP", enc: "A256GCM" })}.a.b.c.d`,
      "encrypted-token",
    ],
  });

  refuses("token.size", {
    "that is oversized": [
      () => "a".repeat(20_000),
      { kind: "token-too-large", got: 20_000, limit: 12_288 },
    ],
  });
});
