import { lookup } from "node:dns/promises";
import { depthOf } from "../address.ts";

/**
 * How documents are reached. {@link publicNetwork} is the only one outside tests: none of this is a
 * setting, so that nothing in an environment, an argument or a request can open the inside.
 */
export interface DocumentNetwork {
  /** The addresses of a host name. */
  resolve(host: string): Promise<readonly string[]>;
  /** Whether a connection to the address may be made. */
  allows(address: string): boolean;
  /** Whose certificates are trusted, in PEM; those that Node.js trusts unless given. */
  readonly certificateAuthorities?: string | undefined;
}

/** Public addresses alone, by the system's own resolver. */
export const publicNetwork: DocumentNetwork = {
  async resolve(host) {
    const found = await lookup(host, { all: true });
    return found.map(({ address }) => address);
  },
  allows: (address) => depthOf(address) === 0,
};
