import { createHash } from "node:crypto";
import { accessTokenOf, type Caller } from "../core/caller.ts";

/** Names the access token that `caller` presented, and shows nothing of it: SHA-256, base64url. */
export function tokenDigest(caller: Caller): string {
  return createHash("sha256").update(accessTokenOf(caller)).digest("base64url");
}
