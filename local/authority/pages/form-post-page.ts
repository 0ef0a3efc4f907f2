import { html } from "../../../src/core/html.ts";
import { formActionSource } from "../clients/redirect-uri.ts";
import { pageResponse } from "./page.ts";

const submit = html`document.forms[0].submit();`;

/**
 * Has the browser post an authorization response to the client, which keeps the code out of its
 * address bar and history. Without scripts a button does the same.
 *
 * Source: https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html
 */
export function formPostPage(redirectUri: string, answer: URLSearchParams): Response {
  return pageResponse({
    title: "Signing in",
    formAction: formActionSource(redirectUri),
    script: submit,
    content: html`<p class="request">Going back to the application.</p>
<form method="post" action="${redirectUri}">
${[...answer].map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`)}
<noscript><button class="account">Continue</button></noscript>
</form>`,
  });
}
