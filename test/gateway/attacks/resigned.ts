import { decodeJwt, decodeProtectedHeader, importJWK, SignJWT } from "jose";
import type { ComposedGateway } from "../composed-gateway.ts";

/** Signed with the gateway's own key, which nobody has: what else it may sign is no access token. */
export async function resigned(
  { keys }: ComposedGateway,
  token: string,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { kid, alg, ...more } = decodeProtectedHeader(token);
  const { keys: held } = JSON.parse(keys.stored?.text ?? "");
  const jwk = held.find((key: { kid: string }) => key.kid === kid);
  return new SignJWT({ ...decodeJwt(token), ...claims })
    .setProtectedHeader({ ...more, kid, alg: String(alg), ...header })
    .sign(await importJWK(jwk, "ES256"));
}
