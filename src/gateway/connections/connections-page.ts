import type { Answer } from "../../core/endpoint.ts";
import { type Html, html } from "../../core/html.ts";
import { withoutQuery } from "../clients/redirect-uri.ts";
import type { Connection } from "../grants/grants.ts";
import { type FormFields, hiddenFields } from "../pages/form.ts";
import { pageAnswer } from "../pages/page.ts";

/** A connection, with the form that ends it. */
export interface ListedConnection extends Connection {
  readonly form: FormFields;
}

export interface ConnectionsPage {
  /** Of the page, where its forms go. */
  readonly path: string;
  /** What the server is called. */
  readonly server: string;
  /** Days without use after which a connection ends. */
  readonly idleDays: number;
  readonly connections: readonly ListedConnection[];
  readonly endAll: FormFields;
  readonly signOut: FormFields;
  /** What has just been done. */
  readonly notice?: Html | undefined;
}

/**
 * Which applications may act for the person, and a button for each that ends it. What an application says
 * of itself stands by itself: `bdi` keeps its direction of writing from what is around it.
 */
export function connectionsPage(page: ConnectionsPage): Answer {
  const { path, server, connections, endAll, signOut, notice } = page;
  return pageAnswer({
    status: 200,
    title: `Applications connected to ${server}`,
    body: html`${notice === undefined ? undefined : html`<p class="notice" role="status">${notice}</p>`}
${connections.length === 0 ? nothingConnected(server) : listOf(page)}
${connections.length < 2 ? undefined : form(path, endAll, html`<button class="danger">End all ${connections.length} connections</button>`)}
${form(path, signOut, html`<button>Sign out of this page</button>`)}
<p class="note">You can see this page for ten minutes after signing in. Signing out of it ends no connection.</p>`,
  });
}

function nothingConnected(server: string): Html {
  return html`<p>No application is connected to ${server} in your name.</p>
<p class="note">Applications that you allow appear here. Those that sign you in with Microsoft directly are not listed.</p>`;
}

function listOf({ path, connections, server, idleDays }: ConnectionsPage): Html {
  return html`<p>These applications can use ${server} in your name. When you end a connection, the application loses its access within ten seconds, and has to ask you to sign in again.</p>
<ul class="entries">
${connections.map((connection, index) => entryOf(connection, index + 1, path, idleDays))}
</ul>`;
}

function entryOf(
  connection: ListedConnection,
  place: number,
  path: string,
  idleDays: number,
): Html {
  const { clientName, clientDomain, redirectUri, since, lastUsed, endsAt } = connection;
  const heading = `connection-${place}`;
  return html`<li>
<h2 id="${heading}"><bdi>${clientName}</bdi></h2>
<dl>
<dt>Domain</dt><dd>${clientDomain === undefined ? "None" : html`<bdi>${clientDomain}</bdi>`}</dd>
<dt>Where it returns to</dt><dd><bdi>${withoutQuery(redirectUri)}</bdi></dd>
<dt>Connected since</dt><dd>${timeOf(since)}</dd>
<dt>Last used</dt><dd>${timeOf(lastUsed)}</dd>
<dt>Ends by itself</dt><dd>${timeOf(endsAt)}, or earlier if it is not used for ${idleDays === 1 ? "a day" : `${idleDays} days`}</dd>
</dl>
${form(path, connection.form, html`<button class="danger" aria-describedby="${heading}">End this connection</button>`)}
</li>
`;
}

function form(path: string, fields: FormFields, button: Html): Html {
  return html`<form method="post" action="${path}">${hiddenFields(fields)}<div class="actions">${button}</div></form>`;
}

const inWords = new Intl.DateTimeFormat("en-GB", {
  ...{ dateStyle: "long", timeStyle: "short", timeZone: "UTC" },
});

function timeOf(milliseconds: number): Html {
  const date = new Date(milliseconds);
  return html`<time datetime="${date.toISOString()}">${inWords.format(date)} UTC</time>`;
}
