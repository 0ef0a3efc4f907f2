import {
  AuthError,
  type AuthenticationResult,
  type PublicClientApplication,
} from "@azure/msal-node";
import { isLoopback } from "../../../src/core/address.ts";
import type { BridgeLog } from "../../log.ts";
import type { SignInRequest } from "./interactive.ts";

/** Where people enter codes: Microsoft's short addresses. */
const pages: ReadonlySet<string> = new Set([
  "microsoft.com",
  "www.microsoft.com",
  "login.microsoft.com",
]);

export interface DeviceCodeOptions {
  readonly authority: string;
  readonly log: BridgeLog;
  readonly onShown: () => void;
  /** Milliseconds that the person has. */
  readonly timeout: number;
}

/**
 * Signs the person in with a code that they enter in a browser on any machine.
 *
 * @throws {AuthError} MSAL's
 */
export async function signInByDeviceCode(
  msal: PublicClientApplication,
  { scopes, resource, claims }: SignInRequest,
  { authority, log, timeout, onShown }: DeviceCodeOptions,
): Promise<AuthenticationResult> {
  let refused = "";
  const request = {
    scopes,
    ...(resource === undefined ? {} : { resource }),
    ...(claims === undefined ? {} : { claims }),
    timeout: timeout / 1000,
    cancel: false,
    deviceCodeCallback({
      verificationUri,
      userCode,
    }: {
      verificationUri: string;
      userCode: string;
    }) {
      if (isPage(verificationUri, authority) && /^[A-Z0-9-]{4,20}$/i.test(userCode)) {
        onShown();
        log.say(
          `To sign in, open ${verificationUri} in a browser on any machine and enter the code ${userCode}. Never enter a code that somebody else has sent you.`,
        );
        return;
      }
      refused = "The authority names a page for codes elsewhere.";
      request.cancel = true;
    },
  };
  const result = await msal.acquireTokenByDeviceCode(request).catch((error: unknown) => {
    throw refused === "" ? error : new AuthError("refused_page", "", refused);
  });
  if (result) return result;
  throw new AuthError("no_answer", "", "The authority gave no token for the code.");
}

function isPage(text: string, authority: string): boolean {
  const [url, home] = [URL.parse(text), new URL(authority)];
  if (!url || url.username || url.password) return false;
  if (isLoopback(home)) return isLoopback(url);
  return url.protocol === "https:" && (url.host === home.host || pages.has(url.host));
}
