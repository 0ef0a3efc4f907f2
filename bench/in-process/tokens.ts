import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { createKeySet } from "../../src/gates/key-set.ts";
import { createTokenVerifier, type TokenVerifier } from "../../src/gates/token-verifier.ts";

const tenantId = "11111111-2222-3333-4444-555555555555";
const audience = "66666666-7777-8888-9999-aaaaaaaaaaaa";
const issuer = `https://login.example/${tenantId}/v2.0`;

/** A verifier, and a token that it accepts, signed as Entra signs: RS256, 2048 bits. */
export async function createVerification(): Promise<{ verifier: TokenVerifier; token: string }> {
  const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
  const keys = [{ ...(await exportJWK(publicKey)), kid: "current", use: "sig" }];
  const token = await new SignJWT({
    ver: "2.0",
    tid: tenantId,
    oid: "aaaaaaaa-0000-4000-8000-000000000001",
    azp: "bbbbbbbb-0000-4000-8000-000000000002",
    scp: "user_impersonation",
    preferred_username: "user1@contoso.example",
  })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: "current" })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject("pairwise-subject")
    .setIssuedAt()
    .setNotBefore("0 s")
    .setExpirationTime("1 h")
    .sign(privateKey);
  const verifier = createTokenVerifier({
    keySet: createKeySet({
      url: "https://login.example/keys",
      fetch: async () => Response.json({ keys }),
      now: Date.now,
      log: () => {},
    }),
    issuer,
    audience,
    tenantId,
    allowedClientIds: [],
    now: Date.now,
  });
  return { verifier, token };
}
