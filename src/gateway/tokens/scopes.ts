/**
 * What clients ask for out of habit: refresh tokens come in any case, and there are no id tokens. Asking
 * for it neither grants nor spoils anything.
 */
export const ignoredScopes: ReadonlySet<string> = new Set([
  "offline_access",
  "openid",
  "profile",
  "email",
]);

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
  const named =
    asked?.split(" ").filter((scope) => scope !== "" && !ignoredScopes.has(scope)) ?? [];
  if (!named.every((scope) => granted.includes(scope))) return undefined;
  return named.length === 0 ? granted : granted.filter((scope) => named.includes(scope));
}
