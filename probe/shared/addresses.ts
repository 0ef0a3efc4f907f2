const loopbackHosts = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether an address leads to the machine that it is used on. */
export function isLoopback(url: URL): boolean {
  return loopbackHosts.test(url.hostname);
}

/** What a machine serves to itself and its own link alone: RFC 1122, 3927, 4291, 6761. */
const withinReach =
  /^(?:(?:.+\.)?localhost|0\.\d+\.\d+\.\d+|127\.\d+\.\d+\.\d+|169\.254\.\d+\.\d+|\[::1?\]|\[::ffff:.+\]|\[fe[89ab][0-9a-f]:.*\])$/;

/**
 * The address that a server at `target` names, if it is one to be led to: web addresses alone, nothing
 * less protected than the server itself, and nothing that only whoever asks can reach. Otherwise a
 * server elsewhere could have this machine's own services asked, and read the answers in a report.
 */
export function addressNamedBy(target: URL, named: unknown): URL | undefined {
  const url = typeof named === "string" ? URL.parse(named) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) return undefined;
  if (url.protocol === "http:" && target.protocol === "https:") return undefined;
  const host = url.hostname.replace(/\.$/, "");
  if (withinReach.test(host) && !(isLoopback(url) && isLoopback(target))) return undefined;
  return url;
}
