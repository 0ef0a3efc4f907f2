import { systemKeyring } from "../cache/keyring.ts";
import type { TokenSource } from "../tokens.ts";
import { signInBeforehand, signOut } from "./commands.ts";
import { PersonTokens } from "./person-tokens.ts";
import type { SignInParts } from "./session.ts";
import type { SignInSettings } from "./settings.ts";
import { systemBrowser } from "./ways/browser.ts";

/** Imported when the first token is needed: what signs in takes its time to load. */
export function createTokenSource(settings: SignInSettings): TokenSource {
  return new PersonTokens(settings, partsOf(settings));
}

/** `--login`. @returns what has been done, or what is wrong, in words */
export const login = (settings: SignInSettings) => signInBeforehand(settings, partsOf(settings));

/** `--logout`. @returns what has been done, or what is wrong, in words */
export const logout = (settings: SignInSettings) => signOut(settings, partsOf(settings));

function partsOf({ machine }: SignInSettings): SignInParts {
  return {
    keyring: systemKeyring({ env: machine.env }),
    openBrowser: systemBrowser(machine),
    fetch,
    now: Date.now,
  };
}
