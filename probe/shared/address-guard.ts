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
/** Link-local, unspecified, multicast, tunnels and what else is nobody's server (RFC 6890). */
const special = listOf([
  ["0.0.0.0", 8],
  ["169.254.0.0", 16],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
  ["::", 96],
  ["::ffff:0:0:0", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["fe80::", 9],
  ["ff00::", 8],
]);

/** How far inside an address lies: 0 public, 1 private, 2 this machine, infinite for no server's. */
export function depthOf(address: string): number {
  const [plain = ""] = address.split("%", 1);
  const family = isIPv6(plain) ? "ipv6" : "ipv4";
  if (loopback.check(plain, family)) return 2;
  if (special.check(plain, family)) return Number.POSITIVE_INFINITY;
  return privateUse.check(plain, family) ? 1 : 0;
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
  #deepest: number | undefined;

  constructor(lookup = lookupName) {
    this.#lookup = lookup;
  }

  /** Takes note of an address that has answered; only the first counts. */
  answered(address: string | undefined): void {
    if (address !== undefined) this.#deepest ??= depthOf(address);
  }

  allows(address: string): boolean {
    return this.#deepest === undefined || depthOf(address) <= this.#deepest;
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
