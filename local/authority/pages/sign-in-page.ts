import { type Html, html } from "../../../src/core/html.ts";
import type { Account } from "../../directory.ts";
import type { Client } from "../clients/clients.ts";
import { formActionSource, redirectDestination } from "../clients/redirect-uri.ts";
import type { AuthorizationRequest } from "../context.ts";
import { endpointPaths } from "../discovery.ts";
import type { OpenIdScope, RequestedScopes } from "../scopes.ts";
import type { Tenant } from "../tenant.ts";
import { pageResponse, serverMark } from "./page.ts";

const openIdDescriptions: Readonly<Partial<Record<OpenIdScope, string>>> = {
  profile: "See your name and username",
  email: "See your email address",
  offline_access: "Keep you signed in",
};

/** The page on which a person picks an account, after an authorization request. */
export function signInPage(
  tenant: Tenant,
  request: AuthorizationRequest,
  signInId: string,
): Response {
  const { client, scopes, redirectUri, loginHint } = request;
  return accountPage(tenant, {
    ...{ client, scopes, signInId, loginHint },
    action: `/${tenant.id}${endpointPaths.login}`,
    formAction: `'self' ${formActionSource(redirectUri)}`,
    afterwards: `Afterwards you return to ${redirectDestination(redirectUri)}.`,
  });
}

export interface AccountPage extends Pick<AuthorizationRequest, "client" | "scopes"> {
  readonly loginHint?: string | undefined;
  /** What the form sends back to name the request that waits. */
  readonly signInId: string;
  /** Where the form is sent. */
  readonly action: string;
  /** Sources for `form-action`. */
  readonly formAction: string;
  readonly afterwards: string;
}

/** The page on which a person picks an account, after reading who asks for what. */
export function accountPage(tenant: Tenant, page: AccountPage): Response {
  const { client, scopes, loginHint, signInId, action, formAction, afterwards } = page;
  const serverName = scopes.target?.resource.displayName ?? "your account";
  const hinted = ({ username }: Account) => username.toLowerCase() === loginHint?.toLowerCase();
  return pageResponse({
    title: `Sign in to ${serverName}`,
    formAction,
    content: html`<div class="server">${serverMark}<h1>${serverName}</h1></div>
<p class="request"><strong>${client.name}</strong> wants to:</p>
<ul class="scopes">${describeScopes(tenant, scopes).map((scope) => html`<li>${scope}</li>`)}</ul>
${documentNote(client)}<p class="note">${afterwards}</p>
<h2 id="pick">Choose an account</h2>
<form method="post" action="${action}" aria-labelledby="pick">
<input type="hidden" name="sign_in" value="${signInId}">
${tenant.accounts.map((account) => accountButton(tenant, account, hinted(account)))}
<button class="cancel" name="cancel" value="true">Cancel</button>
</form>`,
  });
}

/** A client with a document may call itself anything: the address is what tells it from others. */
function documentNote(client: Client): Html | undefined {
  if (client.kind !== "public" || client.documentUrl === undefined) return undefined;
  return html`<p class="note">This is what the application at <strong>${new URL(client.documentUrl).host}</strong> calls itself. Nobody has checked the name.</p>
`;
}

function describeScopes(tenant: Tenant, scopes: RequestedScopes): readonly string[] {
  return [
    ...(scopes.target ? [tenant.api.scopeDescription] : ["Know who you are"]),
    ...scopes.openId.map((scope) => openIdDescriptions[scope]),
  ].filter((description) => description !== undefined);
}

function accountButton(tenant: Tenant, account: Account, hinted: boolean): Html {
  const { username, displayName, groups } = account;
  const administrator = groups.includes(tenant.adminGroupId);
  return html`<button class="account" name="account" value="${username}"${hinted ? html` autofocus` : undefined}>
<span class="avatar" aria-hidden="true">${initials(displayName)}</span>
<span class="person"><span class="name">${displayName}${administrator ? html` <span class="badge">Administrator</span>` : undefined}</span><span class="username">${username}</span></span>
</button>
`;
}

function initials(name: string): string {
  const words = name.split(/\s+/);
  const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
  return ends.map((word = "") => [...word][0]?.toUpperCase()).join("");
}
