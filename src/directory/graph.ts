import type { ApiDescription } from "../downstream/api-client.ts";

/** What Microsoft Graph is called in logs, and to the model. */
export const graph = { name: "graph", title: "the company directory" } as const;

/**
 * Microsoft Graph as an API on the caller's behalf.
 *
 * @param baseUrl where it is, without a trailing slash and without the version
 * @param resource what the authority knows it as, wherever `baseUrl` leads: the cloud's own endpoint
 * @see https://learn.microsoft.com/graph/deployments
 */
export function graphApi(baseUrl: string, resource: string): ApiDescription {
  return { ...graph, baseUrl, scopes: [`${resource}/.default`] };
}
