import { depthOf } from "../address.ts";
import { resolvePublicly } from "./resolve.ts";

/**
 * How documents are reached. {@link publicNetwork} is the only one outside tests: none of this is a
 * setting, so that nothing in an environment, an argument or a request can open the inside.
 */
export interface DocumentNetwork {
  /** The addresses of a host name. The search may end where the signal aborts: nobody waits then. */
  resolve(host: string, signal: AbortSignal): Promise<readonly string[]>;
  /** Whether a connection to the address may be made. */
  allows(address: string): boolean;
  /** Whose certificates are trusted, in PEM; those that Node.js trusts unless given. */
  readonly certificateAuthorities?: string | undefined;
}

/** Public addresses alone. */
export const publicNetwork: DocumentNetwork = {
  resolve: resolvePublicly,
  allows: (address) => depthOf(address) === 0,
};
