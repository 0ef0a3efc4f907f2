/**
 * Makes a registration of one's own for an MCP client in the Entra tenant, lets it use the server without
 * a consent screen, and prints what to enter in the client.
 */

import { z } from "zod";
import { callbackProblem } from "../../infra/client-registrations/callbacks.ts";
import {
  readClientList,
  readRegisteredClients,
} from "../../infra/client-registrations/client-list.ts";
import {
  type RegistrableClient,
  registrableClients,
} from "../../infra/client-registrations/known-clients.ts";
import { createGraph, graphEndpointOf } from "../../infra/hooks/graph.ts";
import { CommandError } from "../../local/command-line.ts";
import type { Result } from "../../src/core/result.ts";
import { isClientId } from "../connect/deployed-server.ts";
import { type Api, printable, type RegistrationFailure, read, readApi } from "./api.ts";
import type { Progress, Step } from "./by-hand.ts";
import { type Environment, graphToken, readEnvironment, type Surroundings } from "./environment.ts";
import { failureMessage } from "./failures.ts";
import { record, tellToRecord } from "./record.ts";
import {
  ensureClient,
  ensurePreAuthorized,
  ensureServicePrincipal,
  planClient,
  type Request,
} from "./registration.ts";
import { whatToEnter } from "./what-to-enter.ts";

/** The clients that have a registration of their own, for people to read. */
export const names = Object.keys(registrableClients).join(", ");

const organizationSchema = z.object({ value: z.array(z.object({ id: z.guid() })) });

/** What people call a client that has no registration of its own under that name. */
const hints: Readonly<Record<string, string>> = {
  vscode:
    "VS Code needs no registration: Microsoft has made one, and the deployment lets it in (npm run connect -- vscode). For others",
  "claude-desktop":
    "Claude Desktop's own file starts the bridge, so register bridge; for a connector in Claude, register claude",
};

/** What the command line says. */
export interface Asked {
  /** The name of the client. */
  readonly client?: string | undefined;
  readonly callback?: string | undefined;
  readonly environment?: string | undefined;
  readonly api?: string | undefined;
}

/** @throws {CommandError} saying what is done by then, and how to go on */
export async function registerClient(asked: Asked, surroundings: Surroundings): Promise<void> {
  const { print } = surroundings;
  const { name, client } = readClient(asked.client);
  const problem = asked.callback && callbackProblem(client, asked.callback);
  if (problem) throw new CommandError(`--callback ${asked.callback} cannot be: ${problem}`);
  if (asked.api !== undefined && !isClientId(asked.api)) {
    throw new CommandError("--api takes an application (client) id of Entra, a GUID.");
  }

  const environment = await readEnvironment(asked.environment, surroundings);
  const apiClientId = asked.api ?? serverOf(environment);
  const isOfEnvironment = serverOf(environment)?.toLowerCase() === apiClientId?.toLowerCase();
  if (apiClientId === undefined) {
    throw new CommandError(
      `Which server is it for? ${environment.missing ?? "The azd environment names none yet: run azd up first."}\nOr, outside of the folder that it was deployed from, name its registration: --api CLIENT_ID, the Application (client) ID in the portal`,
    );
  }
  // What the environment says is of its own server.
  const own = isOfEnvironment ? environment.values : {};
  const listed = readClientList(own.REGISTER_CLIENTS).get(name) ?? [];
  const registered = readRegisteredClients(own.REGISTERED_CLIENTS);
  const request: Request = {
    name,
    client,
    callbacks: [...new Set([...listed, ...(asked.callback ? [asked.callback] : [])])],
    knownClientId: registered.get(name),
    serviceManagementReference: environment.values.SERVICE_MANAGEMENT_REFERENCE,
  };
  const { registration, api, tenant } = await register(
    environment,
    apiClientId,
    request,
    surroundings,
  );
  if (isOfEnvironment) await record(environment, request, registration, print);
  else if (api.uniqueName?.startsWith("mcp-")) tellToRecord(request, registration, print);

  const known = { name, registration, api, environment: own };
  const enter = whatToEnter({ ...known, tenant: own.AZURE_TENANT_ID || tenant });
  print(`\n${enter.join("\n")}`);
}

function readClient(name = ""): { readonly name: string; readonly client: RegistrableClient } {
  const client = Object.hasOwn(registrableClients, name) ? registrableClients[name] : undefined;
  if (client !== undefined) return { name, client };
  const problem = Object.hasOwn(hints, name)
    ? hints[name]
    : name === ""
      ? "Name a client"
      : `${name} is no client that this can register`;
  throw new CommandError(`${problem}: npm run register-client -- NAME\nThe clients are ${names}.`);
}

/** The server of the environment: deployed, or named for the next deployment. */
function serverOf({ values }: Environment): string | undefined {
  return values.ENTRA_APPLICATION_CLIENT_ID || values.ENTRA_CLIENT_ID || undefined;
}

/** @throws {CommandError} saying what is done by then, and how to go on */
async function register(
  environment: Environment,
  apiClientId: string,
  request: Request,
  { env, fetch, print }: Surroundings,
) {
  const endpoint = graphEndpointOf(env);
  const graph = createGraph({
    endpoint,
    accessToken: await graphToken(environment, endpoint),
    fetch,
  });
  let progress: Omit<Progress, "step"> = { endpoint, apiClientId, request };
  function must<Value>(step: Step, result: Result<Value, RegistrationFailure>): Value {
    if (result.ok) return result.value;
    throw new CommandError(failureMessage(result.reason, { ...progress, step }));
  }

  const api: Api = must("find the server", await readApi(graph, apiClientId));
  progress = { ...progress, api };
  const plan = must("register", await planClient(graph, api, request));
  progress = { ...progress, plan };
  const registration = must("register", await ensureClient(graph, plan));
  const { clientId, callbacks, outcome } = registration;
  progress = { ...progress, clientId };
  const done = { made: "is registered", changed: "is changed", kept: "was registered before" };
  print(`${api.displayName}: ${request.client.title} ${done[outcome]}
  client id       ${clientId}
  callbacks       ${callbacks.map(printable).join("\n                  ") || "none yet"}`);
  must("make known", await ensureServicePrincipal(graph, registration));
  const isNew = must("pre-authorise", await ensurePreAuthorized(graph, api, registration));
  print(
    `  pre-authorised  ${isNew ? "yes" : "yes, before"}: it has the server's scope without anybody's consent`,
  );
  const organization = await read(graph, "/organization?$select=id", organizationSchema);
  const tenant = organization.ok ? organization.value?.value[0]?.id : undefined;
  return { registration, api, tenant };
}
