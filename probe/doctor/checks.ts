import type { Group } from "./check.ts";
import { authority } from "./groups/authority.ts";
import { browsers } from "./groups/browsers.ts";
import { calls } from "./groups/calls.ts";
import { challenge } from "./groups/challenge.ts";
import { connection } from "./groups/connection.ts";
import { metadata } from "./groups/metadata.ts";
import { methods } from "./groups/methods.ts";
import { server } from "./groups/server.ts";
import { signIn } from "./groups/sign-in.ts";
import { token } from "./groups/token.ts";

/** Every check, in the order in which things depend on each other: what others rest on comes first. */
export const groups: readonly Group[] = [
  connection,
  server,
  metadata,
  challenge,
  authority,
  signIn,
  methods,
  browsers,
  token,
  calls,
];
