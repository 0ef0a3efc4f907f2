import { exportJWK, generateKeyPair, SignJWT } from "jose";

export const tenantId = "11111111-2222-3333-4444-555555555555";
export const audience = "66666666-7777-8888-9999-aaaaaaaaaaaa";
const issuer = `https://login.microsoftonline.com/${tenantId}/v2.0`;

const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });

/** The authority's key set. */
export const keys = [{ ...(await exportJWK(publicKey)), kid: "current", use: "sig" }];

/** An access token, signed as Entra signs: RS256, 2048 bits. */
export const token = await new SignJWT({
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
