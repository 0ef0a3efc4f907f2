/**
 * URIs that a registration's list may have in place of `resource`, and how they differ: Entra compares
 * letter by letter. Other letters in the host or other hosts cannot be guessed.
 */
export function nearUris(resource: string): readonly { uri: string; difference: string }[] {
  const url = URL.parse(resource);
  if (!url) return [];
  const bare = resource.replace(/\/$/, "");
  const candidates = [
    { uri: bare === resource ? `${resource}/` : bare, difference: "the trailing slash" },
    { uri: url.origin, difference: "the path" },
    { uri: `${url.origin}/mcp`, difference: "the path" },
    { uri: `${url.origin}${url.pathname.toLowerCase()}`, difference: "the path's case" },
    {
      uri: `${url.protocol}//${url.host.toUpperCase()}${url.pathname}`,
      difference: "the host's case",
    },
  ];
  const seen = new Set([resource]);
  return candidates.filter(({ uri }) => !seen.has(uri) && seen.add(uri));
}

/** Why no registration can have `uri` in its list; nothing where one can. */
export function problemOfIdentifierUri(uri: string): string | undefined {
  if (uri.endsWith("/")) return "An Application ID URI cannot end in a slash.";
  if (/[?#]/.test(uri)) return "An Application ID URI has neither a query nor a fragment.";
  return undefined;
}

/** What a shell takes as it is within quotes, whoever wrote it. */
const harmless = /^\w[\w:/.~-]{0,254}$/;

/**
 * The command that shows what nobody sees from outside: a registration's list, and the version of its
 * tokens.
 *
 * @param identifier an identifier URI or client id, which may be a stranger's text
 */
export function showRegistration(identifier: string): string {
  const id = harmless.test(identifier) ? identifier : "CLIENT_ID";
  return `az ad app show --id "${id}" --query "{uris:identifierUris,version:api.requestedAccessTokenVersion}"`;
}
