import type { JsonWebKey } from "node:crypto";
import { exportJWK, generateKeyPair } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { type Report, runSuite } from "../../../probe/authsuite/suite.ts";
import { verifies } from "../../requirements.ts";
import { type Defect, defects } from "./defects.ts";
import { startWeakenedServer } from "./weakened-server.ts";

let signingKey: JsonWebKey;

beforeAll(async () => {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  signingKey = await exportJWK(privateKey);
});

/** Every check, with all that a run can be given, against the server with that defect. */
async function examine(defect?: Defect): Promise<Report> {
  const server = await startWeakenedServer({
    signingKey,
    defects: defect === undefined ? [] : [defect],
  });
  try {
    return await runSuite({
      target: server.target,
      token: server.token,
      expiredToken: server.expiredToken,
      signingKey: server.signingKey,
      origin: server.allowedOrigin,
      bodyLimit: server.bodyLimit,
      profile: "entra",
      ...(defect === "get-hangs" ? { timeout: 1_000 } : {}),
    });
  } finally {
    await server.close();
  }
}

function idsOf(report: Report, kind: "fail" | "not-applicable"): string[] {
  return report.groups
    .flatMap(({ results }) => results)
    .filter(({ outcome }) => outcome.kind === kind)
    .map(({ check }) => check.id)
    .sort();
}

/** The checks that name each defect: these find it, and no other does. */
const findings: Readonly<Record<Defect, readonly string[]>> = {
  "no-metadata-at-path": ["metadata.path"],
  "no-metadata-at-root": ["metadata.root"],
  "metadata-is-a-page": ["challenge.leads-to-document", "metadata.path"],
  "metadata-differs": ["metadata.same"],
  "metadata-as-text": ["metadata.content-type"],
  "metadata-not-cross-origin": ["metadata.cross-origin"],
  "resource-with-slash": ["challenge.leads-to-document", "metadata.resource"],
  "resource-with-fragment": [
    "challenge.leads-to-document",
    "metadata.resource",
    "metadata.resource-secure",
  ],
  "no-authorization-servers": ["metadata.authorization-servers"],
  "issuer-with-query": ["metadata.authorization-servers-secure"],
  "common-issuer": ["metadata.issuer-identical", "metadata.tenant-issuer"],
  "issuer-document-missing": ["metadata.issuer-document"],
  "issuer-document-differs": ["metadata.issuer-identical"],
  "issuer-without-keys": ["metadata.issuer-keys"],
  "no-scopes-supported": ["metadata.scopes"],
  "bare-scopes-supported": ["metadata.scopes-qualified"],
  "offers-offline-access": ["challenge.offline-access", "metadata.offline-access"],
  "offers-query-method": ["metadata.bearer-methods"],

  "forbidden-without-credentials": [
    "challenge.status",
    "credentials.elsewhere",
    "credentials.form-body",
    "credentials.identity-headers",
    "credentials.query",
    "origin.exposed-challenge",
  ],
  "no-challenge": [
    "challenge.invalid-token",
    "challenge.scheme",
    "scope.error",
    "scope.named",
    "scope.resource-metadata",
  ],
  "repeated-parameter": ["challenge.grammar"],
  "error-without-credentials": ["challenge.no-error"],
  "no-resource-metadata": ["challenge.resource-metadata", "scope.resource-metadata"],
  "no-scope-in-challenge": ["challenge.scope", "scope.named"],
  "bare-scope-in-challenge": ["challenge.scope-qualified", "scope.named"],
  "bad-token-without-error": ["challenge.invalid-token"],
  "bad-token-without-metadata": ["challenge.invalid-token-metadata"],
  "reveals-methods": ["challenge.every-message"],
  "reveals-tools": ["challenge.tools-unrevealed"],

  "scheme-in-one-case": ["credentials.scheme-case"],
  "any-scheme": ["credentials.other-scheme"],
  "token-in-query": ["credentials.query"],
  "token-in-query-wins": ["credentials.query", "credentials.query-beside-header"],
  "token-in-form": ["credentials.form-body"],
  "token-in-cookie": ["credentials.elsewhere"],
  "first-of-two-headers": ["credentials.two-headers"],
  "last-of-two-headers": ["credentials.two-headers"],
  "first-of-several-credentials": ["credentials.two-in-one-header"],
  "believes-identity-headers": ["credentials.identity-headers"],

  "accepts-none": ["altered.header", "forged.none"],
  "accepts-none-in-capitals": ["forged.none-spelling"],
  "accepts-no-algorithm": ["forged.no-algorithm"],
  "accepts-no-token": ["forged.empty"],
  "accepts-unknown-key-id": [
    "forged.jku",
    "forged.jwk",
    "forged.malformed",
    "forged.unknown-key-id",
    "forged.x5c",
    "forged.x5u",
    "signed.key-id",
  ],
  "fails-on-characters": ["afterwards.no-server-error", "forged.characters"],
  "accepts-public-key-as-secret": ["forged.hs256-public-key"],
  "accepts-weak-secret": ["forged.hs256-weak-secret"],
  "accepts-secret-named-by-kid": ["forged.kid-injection"],
  "accepts-zero-signature": ["forged.zero-signature"],
  "accepts-empty-signature": ["altered.signature", "forged.no-signature"],
  "ignores-signature": [
    "altered.claims",
    "altered.header",
    "altered.signature",
    "forged.no-signature",
    "forged.oversized",
    "forged.own-key",
    "forged.random-signature",
    "forged.zero-signature",
    "signed.other-signature",
  ],
  "trusts-jwk": ["forged.jwk"],
  "trusts-jku": ["afterwards.nothing-fetched", "forged.jku"],
  "trusts-x5u": ["afterwards.nothing-fetched", "forged.x5u"],
  "trusts-x5c": ["forged.x5c"],
  "follows-token-issuer": ["afterwards.nothing-fetched", "forged.own-issuer", "signed.issuer"],
  "accepts-unsigned-in-encrypted": ["forged.encrypted"],
  "reads-two-parts": ["altered.parts"],

  "ignores-key-id": ["signed.key-id"],
  "ignores-issuer": ["signed.issuer"],
  "issuer-by-prefix": ["signed.issuer"],
  "ignores-audience": ["signed.audience", "signed.audience-identifier-uri", "signed.audience-list"],
  "accepts-identifier-uri": ["signed.audience-identifier-uri"],
  "ignores-tenant": ["signed.tenant"],
  "ignores-expiry": ["altered.expired", "signed.expired", "signed.no-expiry"],
  "expiry-optional": ["signed.no-expiry"],
  "ignores-not-before": ["signed.not-yet-valid"],
  "times-optional": ["signed.no-issue-time"],
  "ignores-version": ["signed.version-1"],
  "accepts-app-only": ["signed.app-only"],
  "ignores-object-id": ["signed.object-id"],
  "ignores-client-id": ["signed.client-id"],
  "ignores-confirmation": ["signed.sender-constrained"],
  "ignores-type": ["signed.type"],
  "ignores-critical": ["signed.critical-header"],

  "ignores-scope": [
    "scope.error",
    "scope.missing",
    "scope.named",
    "scope.resource-metadata",
    "scope.similar",
    "scope.status",
    "signed.app-only",
  ],
  "scope-by-substring": ["scope.similar"],
  "scope-refused-with-401": ["scope.error", "scope.status"],
  "scope-refused-without-error": ["scope.error"],
  "scope-refused-without-metadata": ["scope.resource-metadata"],

  "get-hangs": ["methods.get", "methods.get-authenticated"],
  "get-streams": ["methods.get", "methods.get-authenticated"],
  "head-served": ["methods.head"],
  "delete-served": ["methods.others"],
  "no-allow": ["methods.allow"],
  "trace-repeats": ["methods.trace"],
  "foreign-origin": ["origin.foreign", "origin.foreign-preflight", "origin.foreign-with-token"],
  "foreign-preflight": ["origin.foreign-preflight"],
  "preflight-needs-token": ["origin.preflight", "origin.preflight-headers"],
  "preflight-lacks-headers": ["origin.preflight-headers"],
  "invites-cookies": ["origin.no-credentials-mode"],
  "exposes-nothing": ["origin.exposed-challenge"],
  "foreign-host": ["host.foreign", "host.foreign-with-token"],
  "two-hosts": ["host.two"],
  "metadata-from-host": ["host.metadata"],
  "believes-forwarded-host": ["host.forwarded-challenge", "host.forwarded-metadata"],
  "cacheable-challenge": [
    "caching.challenge",
    "caching.insufficient-scope",
    "caching.invalid-token",
  ],
  "cacheable-answers": ["caching.authenticated"],
  "no-body-limit": ["limits.body", "limits.chunked-body"],
  "no-chunked-limit": ["limits.chunked-body"],
  "no-header-limit": ["limits.headers"],
  "fails-on-long-token": ["afterwards.no-server-error", "limits.token-header"],
  "fails-on-deep-json": ["afterwards.no-server-error", "limits.json-depth"],
  "bad-token-is-500": [
    "afterwards.no-server-error",
    "altered.parts",
    "challenge.invalid-token",
    "challenge.invalid-token-metadata",
    "credentials.query-beside-header",
    "forged.encrypted",
    "forged.malformed",
  ],
  "locks-out": ["afterwards.good-token"],
  "echoes-token": ["afterwards.token-not-echoed"],
  "shows-stack": ["afterwards.no-internals"],
};

describe("a server without defects", () => {
  it(verifies("authsuite.clean", "passes every check"), async () => {
    const report = await examine();
    expect(idsOf(report, "fail")).toEqual([]);
    expect(idsOf(report, "not-applicable")).toEqual([]);
    expect(report.requests).toBeLessThan(300);
  });
});

describe("a server with one defect", () => {
  for (const defect of defects) {
    it(
      verifies("authsuite.finds-defects", `${defect} fails the checks that name it, and no other`),
      async () => {
        expect(idsOf(await examine(defect), "fail")).toEqual(findings[defect]);
      },
    );
  }

  it("is what every check finds: none passes whatever the server does", async () => {
    const report = await examine();
    const ids = report.groups.flatMap(({ results }) => results.map(({ check }) => check.id));
    const found = new Set(Object.values(findings).flat());
    expect(ids.filter((id) => !found.has(id))).toEqual([]);
  });
});
