/**
 * What clients ask for out of habit: refresh tokens come in any case, and there are no id tokens. Asking
 * for it neither grants nor spoils anything.
 */
const ignoredScopes: ReadonlySet<string> = new Set([
  "offline_access",
  "openid",
  "profile",
  "email",
]);

/** The scopes that a parameter asks for; none where it leaves that to the server. */
export function namedScopes(asked = ""): readonly string[] {
  return asked.split(" ").filter((scope) => scope !== "" && !ignoredScopes.has(scope));
}

/**
 * The scopes of an access token, of those that were granted (RFC 6749 section 6); undefined where more is
 * asked for.
 *
 * @param asked the parameter; all that was granted where it names none
 */
export function scopesOf(
  asked: string | undefined,
  granted: readonly string[],
): readonly string[] | undefined {
  const named = namedScopes(asked);
  if (!named.every((scope) => granted.includes(scope))) return undefined;
  return named.length === 0 ? granted : granted.filter((scope) => named.includes(scope));
}
