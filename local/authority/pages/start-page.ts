import { html } from "../../../src/core/html.ts";
import { accounts, tenantId } from "../../directory.ts";
import { pageResponse, serverMark } from "./page.ts";

export interface StartPage {
  readonly serverName: string;
  /** The MCP URL, where it is known. */
  readonly serverUrl: string | undefined;
  readonly issuer: string;
}

/** For whoever opens one of the addresses that `npm start` prints: what it is, and what to do next. */
export function startPage({ serverName, serverUrl, issuer }: StartPage): Response {
  const url = serverUrl ?? "the MCP server's URL";
  return pageResponse({
    title: serverName,
    content: html`<div class="server">${serverMark}<h1>${serverName}</h1></div>
<p class="request">An MCP server for AI clients, running on this machine, with a sign-in that stands in for
Microsoft Entra. There is nothing to do in the browser yet: connect a client, and it opens the sign-in page.</p>
<h2>Connect a client</h2>
<p class="note"><strong>MCP Inspector:</strong> run <code>npx @modelcontextprotocol/inspector --server-url ${url} --protocol-era auto</code></p>
<p class="note"><strong>VS Code:</strong> "MCP: Add Server", HTTP, <code>${url}</code></p>
<p class="note"><strong>Accounts, no password:</strong> ${accounts.map(({ username }) => username).join(", ")}</p>
<dl>
<dt>Sign-in</dt><dd>${issuer}</dd>
<dt>Tenant</dt><dd>${tenantId}</dd>
</dl>`,
  });
}
