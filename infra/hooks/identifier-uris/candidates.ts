import { readHost } from "../../../src/gates/own-hosts.ts";
import { readList } from "./lists.ts";

/**
 * The URIs that clients may send as `resource`, the most used first: the MCP URL of each host that the
 * server names in a metadata document of its own, and what a person wants beside them.
 *
 * Behind API Management every request arrives under the function app's host name, and each document
 * names the one public URL: clients send no other.
 */
export function wantedIdentifierUris(env: NodeJS.ProcessEnv): string[] {
  const hosts = env.API_MANAGEMENT_GATEWAY_URL
    ? []
    : [env.SERVICE_MCP_HOST_NAME ?? "", ...(env.ALLOWED_HOSTS ?? "").split(",")];
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
