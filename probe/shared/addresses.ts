import { isLoopback } from "../../src/core/address.ts";

/** Hosts on this machine or its own link (RFC 1122, 3927, 4291, 6761). */
const withinReach =
  /^(?:(?:.+\.)?localhost|0\.\d+\.\d+\.\d+|127\.\d+\.\d+\.\d+|169\.254\.\d+\.\d+|\[::1?\]|\[::ffff:.+\]|\[fe[89ab][0-9a-f]:.*\])$/;

/**
 * The address that a server at `target` names, if it is safe to ask: a web address, https if the
 * server's own is, and not on this machine unless the server is. Otherwise a remote server could make
 * us ask services of this machine, and read their answers in a report.
 *
 * @returns nothing where it is not
 */
export function addressNamedBy(target: URL, named: unknown): URL | undefined {
  const url = typeof named === "string" ? URL.parse(named) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) return undefined;
  if (url.protocol === "http:" && target.protocol === "https:") return undefined;
  const host = url.hostname.replace(/\.$/, "");
  if (withinReach.test(host) && !(isLoopback(url) && isLoopback(target))) return undefined;
  return url;
}
