import type { AuthorizationRequest } from "./context.ts";
import type { Refusal } from "./refusal.ts";

/** What is needed to answer a client at its redirect URI. */
export type Recipient = Pick<
  AuthorizationRequest,
  "redirectUri" | "responseMode" | "state" | "channelIssuer"
>;

/** RFC 6749, section 4.1.2 */
export function authorizationSuccess(recipient: Recipient, code: string): Response {
  return redirect(recipient, { code });
}

/** RFC 6749, section 4.1.2.1 */
export function authorizationError(recipient: Recipient, refusal: Refusal): Response {
  return redirect(recipient, { error: refusal.error, error_description: refusal.description });
}

function redirect(recipient: Recipient, parameters: Record<string, string>): Response {
  const { redirectUri, responseMode, state, channelIssuer } = recipient;
  const location = new URL(redirectUri);
  const answer = new URLSearchParams({
    ...parameters,
    ...(state === undefined ? {} : { state }),
    // RFC 9207: tells the client which of its authorities has answered.
    iss: channelIssuer,
  });
  if (responseMode === "fragment") {
    location.hash = answer.toString();
  } else {
    for (const [name, value] of answer) location.searchParams.append(name, value);
  }
  return new Response(null, {
    // RFC 9700, section 4.12: 303 makes the browser drop the form that it sent.
    status: 303,
    headers: {
      Location: location.href,
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
    },
  });
}
