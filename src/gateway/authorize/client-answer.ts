/** What a client is told in place of a code: RFC 6749 section 4.1.2.1. */
export type ClientError = "access_denied" | "server_error" | "temporarily_unavailable";

/** What goes back to the client: a code, or why there is none. */
export type ClientOutcome = { readonly code: string } | { readonly error: ClientError };

export interface ClientAnswerTo {
  /** Checked: it is one of the client's. */
  readonly redirectUri: string;
  readonly state: string | undefined;
}

/**
 * The address at which the client gets its answer: the redirect URI as it is, and the parameters after
 * what its query has already (RFC 6749 section 4.1.2). `iss` tells a client of several servers which of
 * them answers (RFC 9207 section 2).
 */
export function clientAnswerUrl(
  { redirectUri, state }: ClientAnswerTo,
  outcome: ClientOutcome,
  issuer: string,
): string {
  const parameters = new URLSearchParams({
    ...outcome,
    ...(state !== undefined && { state }),
    iss: issuer,
  });
  return `${redirectUri}${redirectUri.includes("?") ? "&" : "?"}${parameters}`;
}
