import { createHash } from "node:crypto";
import { type Html, html } from "../../../src/core/html.ts";
import type { Refusal, RefusalTrace } from "../refusal.ts";
import { stylesheet } from "./stylesheet.ts";

/** https://www.w3.org/TR/CSP3/#grammardef-hash-source */
function hashSource(inlined: Html): string {
  return `'sha256-${createHash("sha256").update(String(inlined)).digest("base64")}'`;
}

export interface Page {
  readonly title: string;
  readonly content: Html;
  readonly status?: number;
  /** Where its form may be sent and redirected to. Without it the page has no form. */
  readonly formAction?: string;
  /** The one script that the page may run. Without it it runs none. */
  readonly script?: Html;
}

/** A page that loads nothing and cannot be framed. */
export function pageResponse(page: Page): Response {
  const { title, content, status = 200, formAction, script } = page;
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${stylesheet}</style>
</head>
<body>
<main>
${content}
</main>
<footer>Local sign-in for development. It asks for no password, and what it issues is worth
nothing outside this machine.</footer>
${script === undefined ? undefined : html`<script>${script}</script>`}
</body>
</html>
`;
  return new Response(String(document), {
    status,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      "Content-Security-Policy": [
        "default-src 'none'",
        `style-src ${hashSource(stylesheet)}`,
        ...(script === undefined ? [] : [`script-src ${hashSource(script)}`]),
        `form-action ${formAction ?? "'none'"}`,
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ].join("; "),
      "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY",
      "Referrer-Policy": "no-referrer",
    },
  });
}

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

export const serverMark = html`<svg class="mark" viewBox="0 0 44 44" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M14 11.5h16v21l-2.7-2-2.6 2-2.7-2-2.7 2-2.6-2-2.7 2z"/><path d="M18.5 18h7M18.5 23.5h7"/></svg>`;
