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

/** The options about signing in, as `parseArgs` takes them. */
export const signInOptions = {
  "client-id": { type: "string" },
  tenant: { type: "string" },
  scope: { type: "string" },
  account: { type: "string" },
  "device-code": { type: "boolean" },
  "insecure-token-file": { type: "boolean" },
  login: { type: "boolean" },
  logout: { type: "boolean" },
} as const;

/** What `--help` says of them. */
export const signInUsage = `  --client-id ID         the application that people sign in with, which npm run register-client -- bridge
                         makes and prints
  --tenant TENANT        its id, a domain of it, or the URL of an authority; unless given, the one that
                         the server names at the first sign-in
  --scope SCOPE          a scope of the server's; unless given, all that is granted there
  --account NAME         whom to act as, where several have signed in
  --device-code          shows a code to enter elsewhere, in place of opening a browser
  --insecure-token-file  keeps tokens in a file that is not encrypted, in place of the keyring
  --login                signs somebody in, and ends
  --logout               forgets the tokens of --account, or of everybody, and ends`;

type Values = {
  readonly [Name in keyof typeof signInOptions]?: string | boolean | undefined;
};

export function readChoices(values: Values): SignInChoices {
  const text = (name: keyof Values) => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
  return {
    clientId: text("client-id"),
    tenant: text("tenant"),
    scope: text("scope"),
    account: text("account"),
    deviceCode: values["device-code"] === true,
    plainFile: values["insecure-token-file"] === true,
  };
}
