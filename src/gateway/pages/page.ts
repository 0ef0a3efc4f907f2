import { createHash } from "node:crypto";
import type { Answer } from "../../core/endpoint.ts";
import { type Html, html } from "../../core/html.ts";
import { stylesheet } from "./stylesheet.ts";

export interface Page {
  readonly status: number;
  /** The page's heading too. */
  readonly title: string;
  readonly body: Html;
  /** Where the browser goes on to by itself, as an absolute URL. The body has a link to it as well. */
  readonly goesOnTo?: string | undefined;
  readonly setCookie?: string | undefined;
  /** When the same request may succeed. */
  readonly retryAfterSeconds?: number | undefined;
}

/** https://www.w3.org/TR/CSP3/#grammardef-hash-source */
const styleHash = createHash("sha256").update(String(stylesheet)).digest("base64");

/**
 * Loads and runs nothing, is framed by nobody, and sends its form to this server alone. The form's answer
 * cannot redirect elsewhere either (https://www.w3.org/TR/CSP3/#directive-form-action): it is a page that
 * goes on by `Refresh`.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");

const headersOfAll = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": contentSecurityPolicy,
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  // Browsers send `Origin: null` with the page's own form then, so that no gate can ask for an origin.
  "referrer-policy": "no-referrer",
};

/** @throws {RangeError} where `goesOnTo` or `setCookie` could not stand in a header as it is */
export function pageAnswer(page: Page): Answer {
  const { status, title, body, goesOnTo, setCookie, retryAfterSeconds } = page;
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${stylesheet}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
  return {
    status,
    headers: {
      ...headersOfAll,
      ...(goesOnTo !== undefined && { refresh: `0; url=${headerText(goesOnTo)}` }),
      ...(setCookie !== undefined && { "set-cookie": headerText(setCookie) }),
      ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
    },
    body: String(document),
  };
}

function headerText(text: string): string {
  if (!/^[\x20-\x7e]+$/.test(text)) throw new RangeError("This cannot stand in a header.");
  return text;
}

export interface ErrorPage extends Pick<Page, "retryAfterSeconds" | "setCookie"> {
  /** 400, unless the server is at fault or busy. */
  readonly status?: number;
  readonly title?: string;
  /** What went wrong, for the person. */
  readonly message: string;
  /** What whoever wrote the client has to change. */
  readonly forDevelopers?: string | undefined;
}

/** Where nothing may be sent to the client, or nobody knows where it is. */
export function errorPage(page: ErrorPage): Answer {
  const { status = 400, title = "Sign-in failed", message, forDevelopers, ...rest } = page;
  return pageAnswer({
    ...rest,
    status,
    title,
    body: html`<p>${message}</p>
${forDevelopers === undefined ? undefined : html`<p class="note">For whoever wrote the application: ${forDevelopers}</p>`}`,
  });
}
