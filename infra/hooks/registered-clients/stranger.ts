import { failure, type Result, success } from "../../../src/core/result.ts";
import { callbackProblem } from "../../client-registrations/callbacks.ts";
import type { RegistrableClient } from "../../client-registrations/known-clients.ts";
import type { Graph, GraphFailure } from "../graph.ts";

/** What shows that a registration was made, or is held, by somebody else. */
export type StrangeTrait =
  /** Object id of an owner of it, or of its service principal. */
  | { readonly kind: "owner"; readonly id: string }
  | { readonly kind: "callback"; readonly uri: string }
  /** It signs people in by device code, which its client does not. */
  | { readonly kind: "device-code" };

export type LookFailure = GraphFailure | { readonly kind: "unreadable"; readonly detail: string };

/** A registration that was there before, under the name that the client's would have. */
export interface Found {
  readonly clientId: string;
  readonly client: RegistrableClient;
  /** Client id of the server's registration. */
  readonly apiClientId: string;
  /** Callbacks that the person has named themselves. */
  readonly callbacks: readonly string[];
}

/**
 * Whether somebody else may have made a client's registration. Its name can be foreseen, and everybody
 * who may register applications may take one. Its owners can add a callback at any time; who has left it,
 * or has handed it to somebody who is trusted, may have left one there. Either way they get into the data
 * of people whose sign-in they lead there, since nobody is asked for consent.
 *
 * @see https://learn.microsoft.com/graph/api/application-list-owners
 * @see https://learn.microsoft.com/graph/api/serviceprincipal-list-owners
 */
export async function strangerIn(
  graph: Graph,
  { clientId, client, apiClientId, callbacks }: Found,
): Promise<Result<StrangeTrait | undefined, LookFailure>> {
  const application = `/applications(appId='${clientId}')`;
  const principal = `/servicePrincipals(appId='${clientId}')`;
  const trusted = await ownersOf(graph, `/applications(appId='${apiClientId}')`);
  if (!trusted.ok) return trusted;
  // A service principal has no /me.
  const me = await graph.get("/me?$select=id");
  const known = new Set([...trusted.value, me.ok ? idOf(me.value) : undefined]);
  for (const path of [application, principal]) {
    const owners = await ownersOf(graph, path);
    if (!owners.ok) return owners;
    const stranger = owners.value.find((id) => !known.has(id));
    if (stranger !== undefined) return success({ kind: "owner", id: stranger });
  }

  const settings = await graph.get(
    `${application}?$select=isFallbackPublicClient,publicClient,spa,web`,
  );
  if (!settings.ok) return settings;
  const replies = await graph.get(`${principal}?$select=replyUrls`);
  if (!replies.ok) return replies;
  const uri = [
    ...redirectUrisIn(settings.value),
    ...textsIn(objectOf(replies.value).replyUrls),
  ].find((each) => !callbacks.includes(each) && callbackProblem(client, each) !== undefined);
  if (uri !== undefined) return success({ kind: "callback", uri });
  const { isFallbackPublicClient } = objectOf(settings.value);
  const hasDeviceCode = isFallbackPublicClient === true && !client.deviceCode;
  return success(hasDeviceCode ? { kind: "device-code" } : undefined);
}

/** Of every platform, since Entra sends people to any of them. */
function redirectUrisIn(application: unknown): string[] {
  const { publicClient, spa, web } = objectOf(application);
  return [publicClient, spa, web].flatMap((platform) => textsIn(objectOf(platform).redirectUris));
}

function textsIn(list: unknown): string[] {
  return Array.isArray(list) ? list.map(String) : [];
}

async function ownersOf(graph: Graph, path: string): Promise<Result<string[], LookFailure>> {
  const answer = await graph.get(`${path}/owners?$select=id`);
  if (!answer.ok) return answer;
  if (answer.value === undefined) return success([]);
  const { value, "@odata.nextLink": next } = objectOf(answer.value);
  const ids = Array.isArray(value) ? value.map(idOf) : [];
  // Graph gives a hundred on a page, more than an application has owners.
  if (!Array.isArray(value) || next !== undefined || ids.includes(undefined)) {
    return failure({ kind: "unreadable", detail: "The owners of a registration." });
  }
  return success(ids.filter((id) => id !== undefined));
}

function idOf(value: unknown): string | undefined {
  const { id } = objectOf(value);
  return typeof id === "string" && /^[\da-f-]{36}$/i.test(id) ? id : undefined;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** What it is, and what to do, after the name and the client id of the registration. */
export function whatIsStrange(trait: StrangeTrait, clientId: string): string {
  const remove = `otherwise let an administrator delete it: az ad app delete --id ${clientId}`;
  switch (trait.kind) {
    case "owner":
      return `it belongs to somebody who neither owns the server's registration nor is you (object id ${trait.id}). They could send people's sign-ins to a place of their own. If they may do that, make them an owner of the server's registration; ${remove}`;
    case "callback":
      return `it sends people's sign-ins to ${JSON.stringify(trait.uri).replace(/[^ -~]/g, "?")}, which is none of the client's places. If somebody you trust has added that, take it out (Entra admin center, App registrations, Authentication), and add it again afterwards; ${remove}`;
    case "device-code":
      return `it lets people sign in by device code, which this client does not use, so anybody could ask them to enter one. If somebody you trust has chosen that, switch it off (Entra admin center, App registrations, Authentication, Allow public client flows); ${remove}`;
  }
}
