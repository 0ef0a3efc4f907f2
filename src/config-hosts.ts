import { type Environment, isLoopback } from "./config-environment.ts";
import { type OwnHost, ownHost, readHost } from "./gates/own-hosts.ts";

/**
 * Each name that clients use is a resource of its own: clients refuse metadata that names another URL
 * than theirs. A proxy in front calls the app by the platform's name, which then is answered as the
 * public URL, unless clients are said to use it too.
 */
export function hostsOf(settings: Environment): readonly [OwnHost, ...OwnHost[]] {
  const { MCP_PUBLIC_URL, WEBSITE_HOSTNAME = "", ALLOWED_HOSTS, TRUSTED_PROXY_HOPS } = settings;
  const publicHost = ownHost(MCP_PUBLIC_URL ?? mcpUrlOf(WEBSITE_HOSTNAME));
  const further = ALLOWED_HOSTS.map((host) =>
    ownHost(mcpUrlOf(host, isLoopback(publicHost.host) ? publicHost.protocol : undefined)),
  );
  const platform = WEBSITE_HOSTNAME === "" ? [] : [ownHost(mcpUrlOf(WEBSITE_HOSTNAME))];
  const { resource, metadataUrl } = publicHost;
  const answeredAs = TRUSTED_PROXY_HOPS > 1 ? { resource, metadataUrl } : {};
  const others = [...further, ...platform.map((host) => ({ ...host, ...answeredAs }))];
  const names = new Set([publicHost.host]);
  return [publicHost, ...others.filter(({ host }) => !names.has(host) && names.add(host))];
}

/** The MCP URL of a host; plain http is for the loopback interface. */
function mcpUrlOf(host: string, loopbackProtocol = "http:"): string {
  const protocol = isLoopback(host) ? loopbackProtocol : "https:";
  return `${protocol}//${readHost(host, protocol)}/mcp`;
}
