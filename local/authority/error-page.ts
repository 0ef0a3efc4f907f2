import { html } from "./html.ts";
import { pageResponse } from "./page.ts";
import type { Refusal, RefusalTrace } from "./refusal.ts";

/** Where a refusal must not be sent to the client, or there is no knowing where the client is. */
export function errorPage(refusal: Refusal, trace: RefusalTrace): Response {
  return pageResponse({
    title: "Sign-in failed",
    status: refusal.status,
    content: html`<div class="server">${failedMark}<h1>Sign-in failed</h1></div>
<p class="reason">${refusal.message}</p>
<p class="note">Go back to the application that sent you here and start again from there.</p>
<dl>
<dt>Error</dt><dd>${refusal.code}</dd>
<dt>Trace</dt><dd>${trace.traceId}</dd>
<dt>Time</dt><dd>${trace.timestamp}</dd>
</dl>`,
  });
}

const failedMark = html`<svg class="mark mark-failed" viewBox="0 0 44 44" fill="none" stroke="currentColor" stroke-width="3.2" stroke-linecap="round" aria-hidden="true"><path d="M22 13v10.5M22 30.5v.1"/></svg>`;
