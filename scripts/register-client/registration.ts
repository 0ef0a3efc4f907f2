import { z } from "zod";
import { uniqueNameOf } from "../../infra/client-registrations/client-list.ts";
import type { RegistrableClient } from "../../infra/client-registrations/known-clients.ts";
import { type Clock, systemClock } from "../../infra/hooks/clock.ts";
import type { Graph } from "../../infra/hooks/graph.ts";
import { strangerIn } from "../../infra/hooks/registered-clients/stranger.ts";
import { failure, type Result, success } from "../../src/core/result.ts";
import {
  type Api,
  parsed,
  type RegistrationFailure,
  read,
  readApi,
  withPreAuthorized,
} from "./api.ts";

/** A client to register for a server. */
export interface Request {
  readonly name: string;
  readonly client: RegistrableClient;
  /** Beside those of `infra/clients.json`. */
  readonly callbacks: readonly string[];
  /** What an earlier run, or the deployment, has noted as this client's id. */
  readonly knownClientId?: string | undefined;
  /** What the tenant's policy asks registrations to name; empty for nothing. */
  readonly serviceManagementReference?: string | undefined;
}

export interface ClientRegistration {
  readonly objectId: string;
  readonly clientId: string;
  /** All that it has now, those that a person has added in the portal among them. */
  readonly callbacks: readonly string[];
  readonly outcome: "made" | "changed" | "kept";
}

const clientSchema = z.object({
  id: z.guid(),
  appId: z.guid(),
  isFallbackPublicClient: z.boolean().nullish(),
  publicClient: z.object({ redirectUris: z.array(z.string()) }).nullish(),
  web: z.object({ redirectUris: z.array(z.string()) }).nullish(),
});

/** What Graph has to do for a client's registration. */
export interface Plan {
  readonly outcome: ClientRegistration["outcome"];
  /** At which path, with what. */
  readonly path: string;
  readonly body: object;
  readonly callbacks: readonly string[];
  /** The registration that is there. */
  readonly existing?: { readonly objectId: string; readonly clientId: string };
}

/**
 * Finds out whether the client's registration is to be made, or what the one that is there lacks. Nothing
 * that it has is taken away.
 */
export async function planClient(
  graph: Graph,
  api: Api,
  request: Request,
): Promise<Result<Plan, RegistrationFailure>> {
  const { client, callbacks } = request;
  const { platform } = client;
  const uniqueName = uniqueNameOf(request.name, api);
  const path = `/applications(uniqueName='${uniqueName}')`;
  const properties = "id,appId,isFallbackPublicClient,publicClient,web";
  const found = await read(graph, `${path}?$select=${properties}`, clientSchema);
  if (!found.ok) return found;
  if (found.value === undefined) {
    const all = [...client.callbacks, ...callbacks];
    const body = newRegistration(api, request);
    return success({ outcome: "made", path, body, callbacks: all });
  }

  const { id, appId, isFallbackPublicClient, [platform]: settings } = found.value;
  if (appId !== request.knownClientId) {
    const found = { clientId: appId, client, apiClientId: api.clientId, callbacks };
    const stranger = await strangerIn(graph, found);
    if (!stranger.ok) return stranger;
    const { value: trait } = stranger;
    if (trait) return failure({ kind: "somebody-elses", uniqueName, clientId: appId, trait });
  }
  const before = settings?.redirectUris ?? [];
  const redirectUris = [...new Set([...before, ...client.callbacks, ...callbacks])];
  const body = {
    ...(redirectUris.length > before.length && { [platform]: { redirectUris } }),
    ...(client.deviceCode && !isFallbackPublicClient && { isFallbackPublicClient: true }),
  };
  return success({
    outcome: Object.keys(body).length === 0 ? "kept" : "changed",
    path: `/applications/${id}`,
    body,
    callbacks: redirectUris,
    existing: { objectId: id, clientId: appId },
  });
}

/** Makes the client's registration, or gives the one that is there what it lacks. */
export async function ensureClient(
  graph: Graph,
  { outcome, path, body, callbacks, existing }: Plan,
): Promise<Result<ClientRegistration, RegistrationFailure>> {
  if (existing !== undefined) {
    const answer = outcome === "kept" ? success(undefined) : await graph.patch(path, body);
    return answer.ok ? success({ ...existing, callbacks, outcome }) : answer;
  }
  const answer = await graph.upsert(path, body);
  const made = answer.ok ? parsed(answer.value, clientSchema) : answer;
  if (!made.ok) return made;
  return success({ objectId: made.value.id, clientId: made.value.appId, callbacks, outcome });
}

/** The properties of a new registration. It names nothing of the server's, which names the client. */
function newRegistration(api: Api, request: Request) {
  const { client, callbacks, serviceManagementReference } = request;
  return {
    displayName: `${api.displayName}: ${client.title}`,
    signInAudience: "AzureADMyOrg",
    [client.platform]: { redirectUris: [...client.callbacks, ...callbacks] },
    // Device code has no callback by which Entra could tell that there is no secret.
    ...(client.deviceCode && { isFallbackPublicClient: true }),
    ...(serviceManagementReference && { serviceManagementReference }),
  };
}

/** Makes the client known in the tenant, where people sign in to it; tells whether that was needed. */
export async function ensureServicePrincipal(
  graph: Graph,
  registration: ClientRegistration,
  clock: Clock = systemClock,
): Promise<Result<boolean, RegistrationFailure>> {
  const { clientId } = registration;
  const path = `/servicePrincipals(appId='${clientId}')?$select=id`;
  const found = await read(graph, path, z.object({ id: z.string() }));
  if (!found.ok || found.value) return found.ok ? success(false) : found;
  const made = await onceKnown(registration, clock, () =>
    graph.post("/servicePrincipals", { appId: clientId }),
  );
  return made.ok ? success(true) : made;
}

/** Lets the client have the server's scope without a consent screen; tells whether that was needed. */
export async function ensurePreAuthorized(
  graph: Graph,
  api: Api,
  registration: ClientRegistration,
  clock: Clock = systemClock,
): Promise<Result<boolean, RegistrationFailure>> {
  const fresh = await readApi(graph, api.clientId);
  if (!fresh.ok) return fresh;
  const preAuthorizedApplications = withPreAuthorized(fresh.value, registration.clientId);
  if (preAuthorizedApplications === undefined) return success(false);
  const changed = await onceKnown(registration, clock, () =>
    graph.patch(`/applications/${api.objectId}`, { api: { preAuthorizedApplications } }),
  );
  return changed.ok ? success(true) : changed;
}

const knownWithinMilliseconds = 30_000;
const pauseMilliseconds = 2_000;

/** A registration just made is unknown to some of Graph's servers for a few seconds: 400 or 404. */
async function onceKnown<Value>(
  { outcome }: ClientRegistration,
  clock: Clock,
  send: () => Promise<Result<Value, RegistrationFailure>>,
): Promise<Result<Value, RegistrationFailure>> {
  const giveUpAt = clock.now() + knownWithinMilliseconds;
  for (;;) {
    const answer = await send();
    if (answer.ok || outcome !== "made" || clock.now() >= giveUpAt) return answer;
    const { reason } = answer;
    if (reason.kind !== "refused" || ![400, 404].includes(reason.status)) return answer;
    await clock.wait(pauseMilliseconds);
  }
}
