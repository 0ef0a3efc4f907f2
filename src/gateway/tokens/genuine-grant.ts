import { failure, type Result, success } from "../../core/result.ts";
import type { GrantFailure } from "../grants/grant-failure.ts";
import type { GrantRecord } from "../grants/grant-record.ts";
import type { EncryptionKey, GatewayKeys } from "../keys/gateway-keys.ts";
import { isGenuine, type OpaqueToken } from "./opaque-token.ts";

export interface GenuineGrant {
  readonly grant: GrantRecord;
  readonly key: EncryptionKey;
}

/**
 * The grant that `token` was made for, which may long have ended or replaced it; nothing where the token
 * was not made by this server for this grant: then nothing may come of it, the grant's end least of all.
 */
export async function genuineGrant(
  token: OpaqueToken,
  grant: GrantRecord | undefined,
  keys: GatewayKeys,
): Promise<Result<GenuineGrant | undefined, GrantFailure>> {
  if (!grant) return success(undefined);
  const key = await keys.encryptionKeyOf(grant.encryptionKeyId);
  if (!key.ok) return failure({ kind: "keys", reason: key.reason });
  if (!key.value || !isGenuine(token, key.value)) return success(undefined);
  return success({ grant, key: key.value });
}
