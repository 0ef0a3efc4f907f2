import { Resolver } from "node:dns/promises";

/** Milliseconds until a name server is asked once more. */
const patience = 1_500;

/**
 * The addresses of a stranger's host name, by the system's name servers. `dns.lookup` would wait in one of the
 * few threads that look up every name here, and cannot be stopped: some names whose own servers never
 * answer would keep the program from finding anybody else. It would read the machine's `hosts` file
 * and complete short names too, for which no stranger's document has a use.
 *
 * @param signal ends the search
 * @param servers addresses with ports; the system's unless given, which tests alone do
 * @throws {Error} with a code of Node's, such as `ENOTFOUND`, where there is no address
 */
export async function resolvePublicly(
  host: string,
  signal: AbortSignal,
  servers?: readonly string[],
): Promise<readonly string[]> {
  // RFC 6761, section 6.3: no name server is asked.
  if (/(?:^|\.)localhost\.?$/i.test(host)) return ["127.0.0.1"];
  const resolver = new Resolver({ timeout: patience, tries: 2 });
  if (servers) resolver.setServers(servers);
  const cancel = () => resolver.cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const [four, six] = await Promise.allSettled([
      resolver.resolve4(host),
      resolver.resolve6(host),
    ]);
    const found = [four, six].flatMap((each) => (each.status === "fulfilled" ? each.value : []));
    if (found.length === 0 && four.status === "rejected") throw four.reason;
    return found;
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}
