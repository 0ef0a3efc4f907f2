import type { SignInChoices } from "./settings.ts";

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
export const signInUsage = `  --client-id ID         the application that people sign in with: azd has printed it
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
