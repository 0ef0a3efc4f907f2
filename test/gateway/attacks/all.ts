import { accessTokenAttacks } from "./access-tokens.ts";
import type { Attack } from "./attack.ts";
import { codeAttacks } from "./codes.ts";
import { consentAttacks } from "./consent.ts";
import { outlivedAttacks } from "./outlived.ts";
import { redirectUriAttacks } from "./redirect-uris.ts";
import { refreshTokenAttacks } from "./refresh-tokens.ts";
import { signInAttacks } from "./sign-in.ts";

/** All that is tried on the gateway. */
export const attacks: readonly Attack[] = [
  ...redirectUriAttacks,
  ...consentAttacks,
  ...signInAttacks,
  ...codeAttacks,
  ...refreshTokenAttacks,
  ...outlivedAttacks,
  ...accessTokenAttacks,
];
