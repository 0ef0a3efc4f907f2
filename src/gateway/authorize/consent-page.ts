import type { Answer } from "../../core/endpoint.ts";
import { type Html, html } from "../../core/html.ts";
import type { GatewayClient } from "../clients/clients.ts";
import { redirectWarning, withoutQuery } from "../clients/redirect-uri.ts";
import { hiddenFields } from "../pages/form.ts";
import { pageAnswer } from "../pages/page.ts";
import { type AuthorizationRequest, parametersOf } from "./authorization-request.ts";
import type { ConsentForm } from "./consent-form.ts";

/** How the server is spoken of. */
export interface ServerWords {
  /** What it is called: `Expenses`. */
  readonly title: string;
  /** What the scope allows: `Read and add your expenses as you`. */
  readonly scopeDescription: string;
}

/**
 * Asks the person whether the client may use the server, before they sign in, each time. What the client
 * says of itself stands by itself: `bdi` keeps its direction of writing from what is around it.
 */
export function consentPage(
  request: AuthorizationRequest,
  form: ConsentForm,
  server: ServerWords,
  issuer: string,
): Answer {
  const { client, redirectUri } = request;
  const warning = redirectWarning(redirectUri);
  return pageAnswer({
    status: 200,
    title: `Allow access to ${server.title}?`,
    setCookie: form.setCookie,
    body: html`<p>“<strong><bdi>${shortened(client.name)}</bdi></strong>” asks to use <strong>${server.title}</strong> at ${new URL(issuer).host} in your name.</p>
<dl>
<dt>Who asks</dt><dd>${originOf(client)}</dd>
<dt>What it may do</dt><dd>${server.scopeDescription}</dd>
<dt>Where you return to</dt><dd><bdi>${withoutQuery(redirectUri)}</bdi></dd>
</dl>
${warning === undefined ? undefined : html`<p class="warning"><strong>Careful:</strong> ${warning}</p>`}
<p>Allow this only if you have just started it yourself. You sign in with Microsoft next.</p>
<form method="post" action="${new URL(issuer).pathname}/authorize">
${hiddenFields([...parametersOf(request), ["handle", form.handle]])}
<div class="actions">
<button class="primary" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</div>
</form>`,
  });
}

function originOf({ kind, domain }: GatewayClient): Html {
  if (kind === "pre-registered") {
    return html`An application that the people who run this server have set up`;
  }
  return domain === undefined
    ? html`An application that says it is called this. <strong>Nobody vouches for it.</strong>`
    : html`The application of <strong>${domain}</strong>, which gave it this name`;
}

/** No room for whole sentences, in which a client could speak in the server's place. */
function shortened(name: string): string {
  const characters = [...name];
  const room = 60;
  return characters.length <= room ? name : `${characters.slice(0, room - 1).join("")}…`;
}

/** Goes on to where the person signs in, or back to the client. */
export function goingOnPage(url: string, title: string, setCookie?: string): Answer {
  return pageAnswer({
    ...{ status: 200, title, goesOnTo: url, setCookie },
    body: html`<p>If this page stays: <a href="${url}" rel="noreferrer">continue</a>.</p>`,
  });
}
