import { createHash } from "node:crypto";
import { Html, html } from "./html.ts";
import { stylesheet } from "./stylesheet.ts";

const stylesheetHash = `'sha256-${createHash("sha256").update(stylesheet).digest("base64")}'`;

export interface Page {
  readonly title: string;
  readonly content: Html;
  readonly status?: number;
  /** Where its form may be sent and redirected to. Without it the page has no form. */
  readonly formAction?: string;
}

/** A page that runs no script, loads nothing, and cannot be framed. */
export function pageResponse({ title, content, status = 200, formAction }: Page): Response {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Html(stylesheet)}</style>
</head>
<body>
<main>
${content}
</main>
<footer>Local sign-in for development. It asks for no password, and what it issues is worth
nothing outside this machine.</footer>
</body>
</html>
`;
  return new Response(document.text, {
    status,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Cache-Control": "no-store",
      "Content-Security-Policy": [
        "default-src 'none'",
        `style-src ${stylesheetHash}`,
        `form-action ${formAction === undefined ? "'none'" : `'self' ${formAction}`}`,
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ].join("; "),
      "X-Content-Type-Options": "nosniff",
      "X-Frame-Options": "DENY",
      "Referrer-Policy": "no-referrer",
    },
  });
}
