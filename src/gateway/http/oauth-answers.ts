import { type Answer, jsonAnswer } from "../../core/endpoint.ts";

type Headers = Readonly<Record<string, string>>;

/** An error as OAuth writes it: RFC 6749 section 5.2, RFC 7591 section 3.2.2. */
export function oauthError(
  status: number,
  error: string,
  description: string,
  headers?: Headers,
): Answer {
  return jsonAnswer(status, { error, error_description: description }, headers);
}

/**
 * Nothing has changed, and the same request may succeed later. OAuth has no error for that outside of
 * redirects; clients know this one from RFC 6749 section 4.1.2.1.
 */
export function temporarilyUnavailable(
  description: string,
  retryAfterSeconds: number,
  headers?: Headers,
): Answer {
  return oauthError(503, "temporarily_unavailable", description, {
    ...headers,
    "retry-after": String(Math.ceil(retryAfterSeconds)),
  });
}
