import { failure, type Result, success } from "../core/result.ts";
import type { TokenRejection } from "./token-rejection.ts";

/** `b64token` of RFC 6750 section 2.1. */
const bearerToken = /^[A-Za-z0-9\-._~+/]+=*$/;

/**
 * The access token of a request's `Authorization` header (RFC 6750 section 2.1, the only way this
 * server accepts one: never from the query or the body).
 *
 * The platform joins repeated headers with a comma, which no bearer token contains. Such a request
 * is refused whole, since picking one of several credentials would let whoever can add a header
 * choose.
 */
export function readBearerToken(authorization: string | null): Result<string, TokenRejection> {
  if (authorization === null || authorization.trim() === "") {
    return failure({ kind: "missing-credentials" });
  }
  if (authorization.includes(",")) return failure({ kind: "several-credentials" });
  const [scheme, token, ...rest] = authorization.trim().split(/ +/);
  if (scheme?.toLowerCase() !== "bearer") return failure({ kind: "unsupported-scheme" });
  if (token === undefined || rest.length > 0 || !bearerToken.test(token)) {
    return failure({ kind: "malformed-credentials" });
  }
  return success(token);
}
