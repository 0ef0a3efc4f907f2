import type { Account } from "../directory.ts";
import type { Context } from "./context.ts";
import { Refusal } from "./refusal.ts";

/**
 * Why nobody gets anything for this account, if so.
 *
 * @param session of the sign-in that it is asked with; absent where none is known
 */
export function accountRefusal(
  { controls, sessions }: Context,
  account: Account,
  session?: number,
): Refusal | undefined {
  if (controls.disabledAccounts.has(account.objectId)) return new Refusal("AADSTS50057");
  if (session === undefined || session >= sessions.currentOf(account)) return undefined;
  return new Refusal("AADSTS50173");
}
