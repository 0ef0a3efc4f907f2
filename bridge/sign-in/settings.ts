import type { Machine } from "../cache/folder.ts";
import type { BridgeLog } from "../log.ts";
import type { ServerUrl } from "../server-url.ts";

/** What the user says about signing in, on the command line. */
export interface SignInChoices {
  /** The application that the person signs in with. */
  readonly clientId?: string | undefined;
  /** An id, a domain, or an authority's URL. What the server's metadata names, unless given. */
  readonly tenant?: string | undefined;
  /** A scope by its bare name or in full. All that is granted at the server's URL, unless given. */
  readonly scope?: string | undefined;
  /** Whose user name to act as. The only one that has signed in, unless given. */
  readonly account?: string | undefined;
  /** Shows a code in place of opening a browser. */
  readonly deviceCode?: boolean | undefined;
  /** Keeps tokens in a file that is not encrypted. */
  readonly plainFile?: boolean | undefined;
}

export interface SignInSettings {
  readonly server: ServerUrl;
  readonly choices: SignInChoices;
  readonly machine: Machine;
  readonly log: BridgeLog;
}
