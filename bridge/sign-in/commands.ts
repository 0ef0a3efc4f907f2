import { failure, type Result, success } from "../../src/core/result.ts";
import { isAccount } from "./accounts.ts";
import { PersonTokens } from "./person-tokens.ts";
import type { SignInParts } from "./session.ts";
import type { SignInSettings } from "./settings.ts";

/**
 * `--login`: signs a person in, so that no client has to wait for it later.
 *
 * @returns what has been done, or what is wrong, in words
 */
export async function signInBeforehand(
  settings: SignInSettings,
  parts: SignInParts,
): Promise<Result<string, string>> {
  const tokens = new PersonTokens(settings, parts);
  const { place } = await tokens.store();
  if (place === undefined) {
    return failure("A sign-in beforehand would be forgotten at once. The reason stands above.");
  }
  const silent = await tokens.accessToken({ interactive: false });
  const isThere = silent.ok;
  const token =
    silent.ok || silent.reason.kind !== "person-needed" ? silent : await tokens.accessToken();
  if (!token.ok) return failure(token.reason.words);
  const who = `${tokens.username} for ${settings.server.given}`;
  return success(
    isThere
      ? `Already signed in: ${who}. Another account signs in with --login --account NAME.`
      : `Tokens of ${who} are kept in ${place}.`,
  );
}

/** Milliseconds: more than a request to the authority takes. */
const renewalTimeout = 35_000;

/**
 * `--logout`: forgets the tokens of the named account, or of all, and with the last one the authority.
 *
 * @returns what has been done, or what is wrong, in words
 */
export async function signOut(
  settings: SignInSettings,
  parts: SignInParts,
): Promise<Result<string, string>> {
  const { server, choices } = settings;
  const tokens = new PersonTokens(settings, parts);
  const store = await tokens.store();
  if (store.place === undefined) {
    return failure(
      "There is nothing to sign out of. The reason stands above. Tokens in a file that is not encrypted are forgotten with --insecure-token-file.",
    );
  }
  const session = await tokens.session();
  if (!session.ok) return failure(session.reason.words);
  const { msal, file, binding } = session.value;
  // A token that is being renewed would otherwise be kept afterwards.
  return store.locked(binding, AbortSignal.timeout(renewalTimeout), async () => {
    const accounts = await msal.getAllAccounts();
    const leaving = accounts.filter(
      (account) => choices.account === undefined || isAccount(account, choices.account),
    );
    if (choices.account !== undefined && leaving.length === 0) {
      return failure(`${choices.account} is not signed in to ${server.given}.`);
    }
    for (const account of leaving) await msal.signOut({ account });
    if (leaving.length === accounts.length) {
      await file?.remove();
      await store.file("authority", [server.given])?.remove();
    }
    if (leaving.length === 0) return success(`Nobody is signed in to ${server.given} here.`);
    const names = leaving.map(({ username }) => username).join(", ");
    return success(
      `${names}: signed out of ${server.given} on this machine. To end sessions everywhere, go to https://mysignins.microsoft.com.`,
    );
  });
}
