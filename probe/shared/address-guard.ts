import { lookup as lookupName } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { depthOf } from "../../src/core/address.ts";

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
