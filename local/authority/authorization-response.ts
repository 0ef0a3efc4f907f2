import type { AuthorizationRequest } from "./context.ts";
import { formPostPage } from "./pages/form-post-page.ts";
import { Refusal } from "./refusal.ts";

/** What is needed to answer a client at its redirect URI. */
export type Recipient = Pick<
  AuthorizationRequest,
  "redirectUri" | "responseMode" | "state" | "channelIssuer"
>;

/** RFC 6749, sections 4.1.2 and 4.1.2.1 */
export function authorizationResponse(
  recipient: Recipient,
  outcome: { readonly code: string; readonly client_info?: string } | Refusal,
): Response {
  const parameters =
    outcome instanceof Refusal
      ? { error: outcome.error, error_description: outcome.description }
      : outcome;
  const { redirectUri, responseMode, state, channelIssuer } = recipient;
  const location = new URL(redirectUri);
  const answer = new URLSearchParams({
    ...parameters,
    ...(state === undefined ? {} : { state }),
    // RFC 9207: tells the client which of its authorities has answered.
    iss: channelIssuer,
  });
  if (responseMode === "form_post") return formPostPage(redirectUri, answer);
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
