import { lookup as lookupName } from "node:dns";
import { BlockList, isIP, isIPv6, type LookupFunction } from "node:net";

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

/** Node's codes look like this one, by which the refusal is known in an exchange. */
export const refusedAddress = "ERR_ADDRESS_REFUSED";

/**
 * Keeps requests where the first one went, or further outside. The first goes to the server that the
 * person named; what it names itself may not lead to this machine or into a private network, unless
 * the server is there too. What counts is the address that is connected to, not the name.
 */
export class AddressGuard {
  readonly #lookup: typeof lookupName;
  /** The host that the person named, and the outermost place from which it has answered. */
  #named: { readonly host: string; deepest: number } | undefined;

  constructor(lookup = lookupName) {
    this.#lookup = lookup;
  }

  /**
   * Takes note of an address that has answered for a host. Only the first host counts, which the person
   * named. Its name may lead inside at first and outside later, so that what is said outside would be
   * asked inside: from then on it is outside. A host whose name has a private address and a public one
   * is, too; named by its private address it is not.
   */
  answered(host: string, address: string | undefined): void {
    if (address === undefined) return;
    const depth = depthOf(address);
    this.#named ??= { host, deepest: depth };
    if (this.#named.host === host) this.#named.deepest = Math.min(this.#named.deepest, depth);
  }

  allows(address: string): boolean {
    return this.#named === undefined || depthOf(address) <= this.#named.deepest;
  }

  /** Why a host given as an address is not asked: names are judged by {@link lookup}. */
  refusalOf(host: string): Error | undefined {
    return isIP(host) === 0 || this.allows(host) ? undefined : refusal();
  }

  /** Finds the addresses of a name for a connection, without those that are refused. */
  readonly lookup: LookupFunction = (name, options, callback) => {
    this.#lookup(name, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, "");
      const allowed = found.filter(({ address }) => this.allows(address));
      const [first] = allowed;
      if (!first) return callback(refusal(), "");
      if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function refusal(): NodeJS.ErrnoException {
  return Object.assign(new Error("The address is refused."), { code: refusedAddress });
}
