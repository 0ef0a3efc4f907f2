/** The names and values of `rawHeaders`, as Node gives them, in pairs. */
export function* headerPairs(
  rawHeaders: readonly string[],
): Generator<readonly [name: string, value: string]> {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    yield [rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""];
  }
}

/**
 * Names in lower case; repeated headers joined as the real host does. Node's own `headers` would
 * not do: it drops repetitions of `Authorization`, `Host` and others.
 */
export function joinHeaders(rawHeaders: readonly string[]): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const [rawName, value] of headerPairs(rawHeaders)) {
    const name = rawName.toLowerCase();
    const previous = headers.get(name);
    headers.set(name, previous === undefined ? value : `${previous},${value}`);
  }
  return headers;
}

/** What does more than name one host would end up in the path of the URL that the app sees. */
export function namesOneHost(host: string | undefined): boolean {
  return host !== undefined && /^[^\s,/?#@\\]+$/.test(host) && URL.canParse(`http://${host}`);
}

/** Whether a header of a response is for the connection that brought it alone (RFC 9110, 7.6.1). */
export function isForConnection(name: string): boolean {
  return /^(?:connection|keep-alive|transfer-encoding|x-ms-invocation-id)$/i.test(name);
}
