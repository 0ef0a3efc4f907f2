import { accessTokenAttacks } from "./access-tokens.ts";
import type { Attack } from "./attack.ts";
import { codeAttacks } from "./codes.ts";
import { connectionAttacks } from "./connections.ts";
import { consentAttacks } from "./consent.ts";
import { documentAttacks } from "./documents.ts";
import { gateAttacks } from "./gates.ts";
import { outlivedAttacks } from "./outlived.ts";
import { redirectUriAttacks } from "./redirect-uris.ts";
import { refreshTokenAttacks } from "./refresh-tokens.ts";
import { registrationAttacks } from "./registrations.ts";
import { signInAttacks } from "./sign-in.ts";
import { storeAttacks } from "./store.ts";

/** All that is tried on the gateway. */
export const attacks: readonly Attack[] = [
  ...redirectUriAttacks,
  ...consentAttacks,
  ...signInAttacks,
  ...codeAttacks,
  ...refreshTokenAttacks,
  ...accessTokenAttacks,
  ...outlivedAttacks,
  ...storeAttacks,
  ...documentAttacks,
  ...registrationAttacks,
  ...connectionAttacks,
  ...gateAttacks,
];
