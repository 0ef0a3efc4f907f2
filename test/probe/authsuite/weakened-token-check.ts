import {
  createHmac,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  verify,
  X509Certificate,
} from "node:crypto";
import { compactDecrypt, type JWTPayload } from "jose";
import { parseObject } from "../../../probe/shared/exchange.ts";
import type { JsonObject } from "../../../src/core/encoding.ts";
import type { Defect } from "./defects.ts";

/** What the authority's tokens for this server say. */
export interface Expectations {
  readonly issuer: string;
  readonly audience: string;
  readonly identifierUri: string;
  readonly tenantId: string;
  readonly scope: string;
  readonly keyId: string;
  readonly algorithm: "RS256" | "ES256";
  readonly privateKey: KeyObject;
}

export type Verdict = "accepted" | "invalid" | "unreadable" | "lacks-scope";

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export type TokenCheck = (token: string) => Promise<Verdict>;

/** Verifies access tokens as it should be done, but for the defects. */
export function createTokenCheck(
  expected: Expectations,
  has: (defect: Defect) => boolean,
): TokenCheck {
  const publicKey = createPublicKey(expected.privateKey);

  return async function judge(token: string): Promise<Verdict> {
    const parts = token.split(".");
    if (parts.length === 5 && has("accepts-unsigned-in-encrypted")) {
      return judgeEncrypted(token);
    }
    const isShort = parts.length === 2 && has("reads-two-parts");
    const [header, claims] = parts.map(parsePart);
    if ((parts.length !== 3 && !isShort) || !header || !claims) return "unreadable";
    if (!isShort && !(await isSigned(header, claims, parts))) return "invalid";
    if (!has("ignores-type") && header.typ !== "JWT") return "invalid";
    if (!has("ignores-critical") && header.crit !== undefined) return "invalid";
    return judgeClaims(claims);
  };

  /** As if this server's key were also one that tokens are encrypted to. */
  async function judgeEncrypted(token: string): Promise<Verdict> {
    try {
      const { plaintext } = await compactDecrypt(token, expected.privateKey);
      const text = new TextDecoder().decode(plaintext);
      const claims = parseObject(text) ?? parsePart(text.split(".")[1] ?? "");
      return claims ? judgeClaims(claims) : "unreadable";
    } catch {
      return "unreadable";
    }
  }

  async function isSigned(header: JsonObject, claims: JsonObject, parts: readonly string[]) {
    const input = parts.slice(0, 2).join(".");
    const signature = Buffer.from(parts[2] ?? "", "base64url");
    const { alg } = header;
    if (needsNoSignature(alg, signature)) return true;
    if (alg === "HS256") {
      return secrets(header).some((secret) =>
        createHmac("sha256", secret).update(input).digest().equals(signature),
      );
    }
    if (alg !== expected.algorithm) return false;
    const key = (await strangersKey(header, claims)) ?? keyFor(header.kid);
    if (!key) return has("accepts-unknown-key-id");
    if (has("ignores-signature")) return true;
    return verify("sha256", Buffer.from(input), { key, dsaEncoding: "ieee-p1363" }, signature);
  }

  function needsNoSignature(alg: unknown, signature: Buffer): boolean {
    if (alg === "none") return has("accepts-none");
    if (/^none$/i.test(String(alg))) return has("accepts-none-in-capitals");
    if (alg === undefined) return has("accepts-no-algorithm");
    if (signature.length === 0) return has("accepts-empty-signature");
    const isZero = signature.length === 64 && signature.every((byte) => byte === 0);
    return alg === "ES256" && isZero && has("accepts-zero-signature");
  }

  function secrets({ kid }: JsonObject): readonly string[] {
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    const named = /UNION SELECT '(\w+)'/.exec(String(kid))?.[1];
    return [
      ...(has("accepts-public-key-as-secret") ? [pem] : []),
      ...(has("accepts-weak-secret") ? ["secret"] : []),
      ...(has("accepts-secret-named-by-kid") && named ? [named] : []),
    ];
  }

  function keyFor(keyId: unknown): KeyObject | undefined {
    const isKnown = keyId === expected.keyId || has("ignores-key-id");
    return isKnown ? publicKey : undefined;
  }

  /** The key that a token itself brings or points to. */
  async function strangersKey({ jwk, jku, x5u, x5c, kid }: JsonObject, { iss }: JsonObject) {
    if (jwk && has("trusts-jwk")) return publicKeyOf(jwk as JsonWebKey);
    if (typeof jku === "string" && has("trusts-jku")) return keyOfSet(jku, kid);
    if (typeof x5u === "string" && has("trusts-x5u")) {
      return new X509Certificate(await (await fetch(x5u)).text()).publicKey;
    }
    if (Array.isArray(x5c) && has("trusts-x5c")) {
      return new X509Certificate(Buffer.from(String(x5c[0]), "base64")).publicKey;
    }
    // Loopback alone: other issuers of the suite do not exist.
    const leads = typeof iss === "string" && iss.startsWith("http://127.0.0.1:");
    if (leads && iss !== expected.issuer && has("follows-token-issuer")) {
      const response = await fetch(`${iss}/.well-known/openid-configuration`);
      const { jwks_uri } = (await response.json()) as { jwks_uri: string };
      return keyOfSet(jwks_uri, kid);
    }
    return undefined;
  }

  function judgeClaims(claims: JsonObject): Verdict {
    const { issuer, audience, identifierUri, tenantId } = expected;
    const { iss, aud, tid, exp, nbf, iat, ver, oid, azp, appid, cnf } = claims;
    const seconds = Date.now() / 1000;
    const isIssuer =
      iss === issuer ||
      has("ignores-issuer") ||
      (has("issuer-by-prefix") && String(iss).startsWith(issuer)) ||
      (has("follows-token-issuer") && String(iss).startsWith("http://127.0.0.1:"));
    const isAudience =
      [aud].flat().includes(audience) ||
      has("ignores-audience") ||
      (has("accepts-identifier-uri") && aud === identifierUri);
    const isCurrent =
      typeof exp === "number" ? exp > seconds : has("expiry-optional") || has("ignores-expiry");
    const areTimesThere =
      (typeof nbf === "number" && typeof iat === "number") || has("times-optional");
    const client = azp ?? (has("ignores-version") ? appid : undefined);
    const rules: readonly boolean[] = [
      isIssuer,
      isAudience,
      isCurrent || has("ignores-expiry"),
      areTimesThere,
      typeof nbf !== "number" || nbf <= seconds + 60 || has("ignores-not-before"),
      tid === tenantId || has("ignores-tenant"),
      ver === "2.0" || has("ignores-version"),
      (typeof oid === "string" && guid.test(oid)) || has("ignores-object-id"),
      client !== undefined || has("ignores-client-id"),
      cnf === undefined || has("ignores-confirmation"),
    ];
    if (!rules.every((holds) => holds)) return "invalid";
    return hasScope(claims) ? "accepted" : "lacks-scope";
  }

  function hasScope({ scp, roles }: JWTPayload): boolean {
    const { scope } = expected;
    const scopes = typeof scp === "string" ? scp.split(" ") : [];
    return (
      scopes.includes(scope) ||
      has("ignores-scope") ||
      (has("scope-by-substring") && String(scp).includes(scope)) ||
      (has("accepts-app-only") && roles !== undefined)
    );
  }
}

function publicKeyOf(key: JsonWebKey): KeyObject {
  return createPublicKey({ key, format: "jwk" });
}

async function keyOfSet(url: string, keyId: unknown): Promise<KeyObject | undefined> {
  const { keys } = (await (await fetch(url)).json()) as { keys: (JsonWebKey & { kid: string })[] };
  const key = keys.find(({ kid }) => kid === keyId);
  return key && publicKeyOf(key);
}

function parsePart(part: string): JsonObject | undefined {
  return parseObject(Buffer.from(part, "base64url").toString("utf8"));
}
