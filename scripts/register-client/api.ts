import { z } from "zod";
import type { Graph, GraphFailure } from "../../infra/hooks/graph.ts";
import type { StrangeTrait } from "../../infra/hooks/registered-clients/stranger.ts";
import { failure, type Result, success } from "../../src/core/result.ts";

/** The server's own registration, as far as clients are registered for it. */
export interface Api {
  readonly objectId: string;
  readonly clientId: string;
  readonly displayName: string;
  readonly uniqueName: string | null;
  readonly identifierUris: readonly string[];
  /** Of the scope that clients ask for. */
  readonly scopeId: string;
  readonly preAuthorized: readonly PreAuthorized[];
}

/** What Graph has in `api.preAuthorizedApplications`. */
export interface PreAuthorized {
  readonly appId: string;
  readonly delegatedPermissionIds: readonly string[];
}

export type RegistrationFailure =
  | GraphFailure
  /** Nothing in the tenant has the client id. */
  | { readonly kind: "no-api" }
  /** It is not a registration that the server could have. */
  | { readonly kind: "no-scope" }
  /** The client's name is taken by a registration that somebody else may have made. */
  | {
      readonly kind: "somebody-elses";
      readonly uniqueName: string;
      readonly clientId: string;
      readonly trait: StrangeTrait;
    }
  | { readonly kind: "unreadable"; readonly detail: string };

/** The server's: requiredScope in src/gates/token-verifier.ts. */
export const scopeName = "user_impersonation";

/** What goes to a terminal: nothing of it acts there. */
export function printable(text: string): string {
  return text.replace(/\p{C}+/gu, " ");
}

const apiSchema = z.object({
  id: z.guid(),
  appId: z.guid(),
  displayName: z.string().transform(printable),
  // It stands in commands; the server's templates give no other.
  uniqueName: z
    .string()
    .regex(/^[\w.-]+$/)
    .nullish()
    .catch(null),
  identifierUris: z.array(z.string().transform(printable)).default([]),
  api: z.object({
    oauth2PermissionScopes: z.array(z.object({ id: z.guid(), value: z.string().nullable() })),
    preAuthorizedApplications: z.array(
      z.object({ appId: z.string(), delegatedPermissionIds: z.array(z.string()) }),
    ),
  }),
});

/** Reads it anew, since others may pre-authorise clients at the same time. */
export async function readApi(
  graph: Graph,
  clientId: string,
): Promise<Result<Api, RegistrationFailure>> {
  const properties = "id,appId,displayName,uniqueName,identifierUris,api";
  const path = `/applications(appId='${clientId}')?$select=${properties}`;
  const found = await read(graph, path, apiSchema);
  if (!found.ok) return found;
  if (found.value === undefined) return failure({ kind: "no-api" });
  const { id, appId, displayName, uniqueName, identifierUris, api } = found.value;
  const scope = api.oauth2PermissionScopes.find(({ value }) => value === scopeName);
  if (scope === undefined) return failure({ kind: "no-scope" });
  return success({
    objectId: id,
    clientId: appId,
    displayName,
    uniqueName: uniqueName ?? null,
    identifierUris,
    scopeId: scope.id,
    preAuthorized: api.preAuthorizedApplications,
  });
}

/** The list with a client in it; nothing where it is in it already. Every other entry stays. */
export function withPreAuthorized(
  { preAuthorized, scopeId }: Api,
  clientId: string,
): readonly PreAuthorized[] | undefined {
  const before = preAuthorized.find(({ appId }) => appId === clientId);
  if (before?.delegatedPermissionIds.includes(scopeId)) return undefined;
  const delegatedPermissionIds = [...(before?.delegatedPermissionIds ?? []), scopeId];
  const others = preAuthorized.filter((entry) => entry !== before);
  return [...others, { appId: clientId, delegatedPermissionIds }];
}

/** What is at a path of Graph; nothing where there is nothing. */
export async function read<Schema extends z.ZodType>(
  graph: Graph,
  path: string,
  schema: Schema,
): Promise<Result<z.output<Schema> | undefined, RegistrationFailure>> {
  const answer = await graph.get(path);
  if (!answer.ok) return answer;
  return answer.value === undefined ? success(undefined) : parsed(answer.value, schema);
}

export function parsed<Schema extends z.ZodType>(
  value: unknown,
  schema: Schema,
): Result<z.output<Schema>, RegistrationFailure> {
  const result = schema.safeParse(value);
  return result.success
    ? success(result.data)
    : failure({ kind: "unreadable", detail: z.prettifyError(result.error) });
}
