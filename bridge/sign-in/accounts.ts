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

/**
 * Why a sign-in does not count, if so: somebody else has signed in than was to.
 *
 * @param expected whose tokens the bridge has had so far
 * @param named by the user
 */
export function accountProblem(
  account: AccountInfo,
  expected: AccountInfo | undefined,
  named: string | undefined,
): string | undefined {
  if (named !== undefined && !isAccount(account, named)) {
    return `${account.username} has signed in, but --account says ${named}. Sign in as that one.`;
  }
  if (expected !== undefined && account.homeAccountId !== expected.homeAccountId) {
    return `${account.username} has signed in, but this bridge acts for ${expected.username}. Sign in as that one, or start the bridge with --login --account ${account.username} first.`;
  }
  return undefined;
}
