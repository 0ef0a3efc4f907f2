import type { AccountInfo } from "@azure/msal-node";
import { failure, type Result, success } from "../../src/core/result.ts";

/** Whether an account is the one that the user names: user names differ in case alone for nobody. */
export function isAccount({ username }: AccountInfo, named: string): boolean {
  return username.toLowerCase() === named.toLowerCase();
}

/**
 * Of the accounts that have signed in, the one to act as: the named one, or the only one.
 *
 * @returns nothing where a person has to sign in first; in words, why it cannot be told
 */
export function chooseAccount(
  accounts: readonly AccountInfo[],
  named: string | undefined,
): Result<AccountInfo | undefined, string> {
  if (named !== undefined) return success(accounts.find((account) => isAccount(account, named)));
  if (accounts.length < 2) return success(accounts[0]);
  const names = accounts.map(({ username }) => username).join(", ");
  return failure(`Several accounts have signed in: ${names}. Say which with --account.`);
}
