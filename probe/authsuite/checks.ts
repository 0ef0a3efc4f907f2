import type { Group } from "./check.ts";
import { afterwards } from "./groups/afterwards.ts";
import { alteredTokens } from "./groups/altered-tokens.ts";
import { caching } from "./groups/caching.ts";
import { challenge } from "./groups/challenge.ts";
import { credentials } from "./groups/credentials.ts";
import { forgedTokens } from "./groups/forged-tokens.ts";
import { host } from "./groups/host.ts";
import { limits } from "./groups/limits.ts";
import { metadata } from "./groups/metadata.ts";
import { methods } from "./groups/methods.ts";
import { origin } from "./groups/origin.ts";
import { scope } from "./groups/scope.ts";
import { signedTokens } from "./groups/signed-tokens.ts";

/**
 * Every check, in the order in which the groups run: what looks at all that was sent and answered
 * comes last.
 */
export const groups: readonly Group[] = [
  metadata,
  challenge,
  credentials,
  forgedTokens,
  alteredTokens,
  signedTokens,
  scope,
  methods,
  origin,
  host,
  caching,
  limits,
  afterwards,
];
