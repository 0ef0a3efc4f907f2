import { BlockList, isIPv6 } from "node:net";

type Range = readonly [network: string, prefix: number];

function listOf(ranges: readonly Range[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ranges) {
    if (isIPv6(network)) {
      list.addSubnet(network, prefix, "ipv6");
      continue;
    }
    // It knows the IPv4-mapped form by itself; here are NAT64 (RFC 6052) and 6to4 (RFC 3056).
    list.addSubnet(network, prefix, "ipv4");
    list.addSubnet(`64:ff9b::${network}`, 96 + prefix, "ipv6");
    const [first, second] =
      Buffer.from(network.split(".").map(Number)).toString("hex").match(/..../g) ?? [];
    list.addSubnet(`2002:${first}:${second}::`, 16 + prefix, "ipv6");
  }
  return list;
}

const loopback = listOf([
  ["127.0.0.0", 8],
  ["::1", 128],
]);
/** RFC 1918, 4193, 6598. */
const privateUse = listOf([
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["fc00::", 7],
]);
/**
 * Link-local, unspecified, multicast, tunnels and what else is nobody's server (IANA's registries of
 * special-purpose addresses, RFC 6890), and the address by which Azure's platform serves a machine.
 */
const special = listOf([
  ["0.0.0.0", 8],
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
  ["::", 96],
  ["::ffff:0:0:0", 96],
  ["64:ff9b:1::", 48],
  ["100::", 63],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["3fff::", 20],
  ["5f00::", 16],
  ["fe80::", 9],
  ["ff00::", 8],
]);

/** The end of an ISATAP address (RFC 5214), an IPv4 address, whatever network it begins with. */
const isatap = /:(?:0|200)?:5efe:(?:(\w+):(\w+)|:)\]$/;

/** How far inside an address lies: 0 public, 1 private, 2 this machine, infinite for no server's. */
export function depthOf(address: string): number {
  const [plain = ""] = address.split("%", 1);
  const family = isIPv6(plain) ? "ipv6" : "ipv4";
  if (loopback.check(plain, family)) return 2;
  if (special.check(plain, family)) return Number.POSITIVE_INFINITY;
  const depth = privateUse.check(plain, family) ? 1 : 0;
  // A URL has one form for each address.
  const written = family === "ipv6" ? new URL(`http://[${plain}]`).hostname : "";
  const [tunnel, high = "0", low = "0"] = isatap.exec(written) ?? [];
  return tunnel === undefined ? depth : Math.max(depth, depthOf(`::ffff:${high}:${low}`));
}

const loopbackHosts = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether a URL's host is this machine, by its name or address. */
export function isLoopback({ hostname }: URL): boolean {
  return loopbackHosts.test(hostname);
}
