/** Scopes of OpenID Connect, which belong to no API. */
const unqualified = /^(?:openid|profile|email|offline_access)$/;

/** Names are qualified where they say whose they are: `api://expenses/read`, not `read`. */
export function isQualified(scope: string): boolean {
  if (unqualified.test(scope)) return true;
  return /^[a-z][a-z0-9+.-]*:\/\/.+\/.+$/i.test(scope) || /^[0-9a-f-]{36}\/.+$/i.test(scope);
}
