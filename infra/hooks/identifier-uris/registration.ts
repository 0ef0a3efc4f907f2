import { isGuid } from "../../../src/core/encoding.ts";
import { failure, type Result, success } from "../../../src/core/result.ts";
import type { Clock } from "../clock.ts";
import type { Graph, GraphFailure } from "../graph.ts";

/** The registration that the server's callers sign in to, as the azd environment names it. */
export interface RegistrationName {
  readonly clientId: string;
  /** The name that the deployment gave it; undefined for an existing app registration. */
  readonly uniqueName: string | undefined;
}

/** A registration as Microsoft Graph describes it. */
export interface Registration {
  readonly clientId: string;
  readonly identifierUris: readonly string[];
  /** Of access tokens; version 1 where Graph has none. */
  readonly tokenVersion: number;
}

export type ReadFailure = GraphFailure | { readonly kind: "absent" | "not-ours" | "unreadable" };

/** Undefined before the first deployment. */
export function registrationOf(env: NodeJS.ProcessEnv): RegistrationName | undefined {
  const existing = env.ENTRA_CLIENT_ID?.trim();
  const clientId = existing || env.ENTRA_APPLICATION_CLIENT_ID || "";
  if (!isGuid(clientId)) return undefined;
  const uniqueName = existing ? undefined : env.ENTRA_APPLICATION_UNIQUE_NAME;
  return existing || uniqueName ? { clientId, uniqueName: uniqueName || undefined } : undefined;
}

/** What the template gives its registration whatever the lists say (`infra/modules/entra-registration.bicep`). */
export function ownIdentifierUri(env: NodeJS.ProcessEnv): string {
  return `api://${env.AZURE_TENANT_ID}/${env.ENTRA_APPLICATION_UNIQUE_NAME}`;
}

/**
 * @param clock waits for a registration that was made just now: Microsoft Graph may not find it for
 * some seconds; without one, the first answer counts
 * @see https://learn.microsoft.com/graph/api/application-get
 */
export async function readRegistration(
  { clientId, uniqueName }: RegistrationName,
  graph: Graph,
  clock?: Clock,
): Promise<Result<Registration, ReadFailure>> {
  const path = `${pathOf(clientId)}?$select=uniqueName,identifierUris,api`;
  const answer = await untilVisible(
    () => graph.get(path),
    (answered) => answered.ok && answered.value === undefined,
    clock,
  );
  if (!answer.ok) return answer;
  if (answer.value === undefined) return failure({ kind: "absent" });
  const found = answer.value as {
    uniqueName?: unknown;
    identifierUris?: unknown;
    api?: { requestedAccessTokenVersion?: unknown };
  } | null;
  if (uniqueName !== undefined && found?.uniqueName !== uniqueName) {
    return failure({ kind: "not-ours" });
  }
  const identifierUris = found?.identifierUris;
  if (!Array.isArray(identifierUris) || identifierUris.some((uri) => typeof uri !== "string")) {
    return failure({ kind: "unreadable" });
  }
  const version = found?.api?.requestedAccessTokenVersion;
  return success({ clientId, identifierUris, tokenVersion: version === 2 ? 2 : 1 });
}

/**
 * Adds one identifier URI. The whole list is sent, as Graph has no way to add to it: so it is read anew, or
 * what somebody else has added meanwhile would go. What this run has added stays in it, since some of
 * Graph's servers may not know of it yet.
 *
 * @param added by this run
 * @returns the list as it is then
 * @see https://learn.microsoft.com/graph/api/application-update
 */
export async function addIdentifierUri(
  name: RegistrationName,
  { uri, added }: { readonly uri: string; readonly added: readonly string[] },
  graph: Graph,
  clock: Clock,
): Promise<Result<readonly string[], ReadFailure>> {
  const fresh = await readRegistration(name, graph, clock);
  if (!fresh.ok) return fresh;
  const longer = [...new Set([...fresh.value.identifierUris, ...added, uri])];
  const change = () => graph.patch(pathOf(name.clientId), { identifierUris: longer });
  const answer = await untilVisible(
    change,
    (answered) =>
      !answered.ok && answered.reason.kind === "refused" && answered.reason.status === 404,
    clock,
  );
  return answer.ok ? success(longer) : answer;
}

function pathOf(clientId: string): string {
  return `/applications(appId='${clientId}')`;
}

const visibleWithinMilliseconds = 60_000;
const pauseMilliseconds = 2_000;

/** Asks again, for a minute at most, while Graph finds nothing. */
export async function untilVisible(
  ask: () => Promise<Result<unknown, GraphFailure>>,
  isNotFound: (answer: Result<unknown, GraphFailure>) => boolean,
  clock: Clock | undefined,
): Promise<Result<unknown, GraphFailure>> {
  const giveUpAt = (clock?.now() ?? 0) + visibleWithinMilliseconds;
  for (;;) {
    const answer = await ask();
    if (!isNotFound(answer) || !clock || clock.now() >= giveUpAt) return answer;
    await clock.wait(pauseMilliseconds);
  }
}
