import { readHost } from "../../../src/gates/own-hosts.ts";
import { readList } from "./lists.ts";

/**
 * The URIs that clients may send as `resource`, the most used first: the MCP URL of each host that the
 * server names in a metadata document of its own, and what a person wants beside them.
 *
 * API Management calls the function app by its default host name, whose document then names the public
 * URL: clients do not send that name.
 */
export function wantedIdentifierUris(env: NodeJS.ProcessEnv): string[] {
  const hosts = [
    ...(env.API_MANAGEMENT_GATEWAY_URL ? [] : [env.SERVICE_MCP_HOST_NAME ?? ""]),
    ...(env.ALLOWED_HOSTS ?? "").split(","),
  ];
  return [
    ...new Set([
      ...(env.MCP_URL ? [env.MCP_URL] : []),
      ...hosts
        .map((host) => readHost(host.trim(), "https:"))
        .filter((host) => host !== undefined)
        .map((host) => `https://${host}/mcp`),
      ...readList(env, "further"),
    ]),
  ];
}
