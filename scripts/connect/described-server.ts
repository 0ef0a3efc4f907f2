import { discoverOAuthProtectedResourceMetadata } from "@modelcontextprotocol/client";
import { knownCloud } from "../../src/clouds.ts";
import type { Server } from "./clients.ts";

const patienceMilliseconds = 5_000;

/**
 * What a server says of itself (RFC 9728), for people who have not deployed it. Nothing of what it does
 * not say, or not in the form that Entra has: it goes to a terminal, and into the client's file.
 */
export async function describedServer(
  url: string,
  ask: typeof fetch = fetch,
): Promise<Pick<Server, "scope" | "authority">> {
  const patient: typeof fetch = (input, init) => {
    const signal = AbortSignal.timeout(patienceMilliseconds);
    return ask(input, { ...init, redirect: "error", signal });
  };
  try {
    const metadata = await discoverOAuthProtectedResourceMetadata(url, undefined, patient);
    if (metadata.resource !== url) return {};
    const [scope = ""] = metadata.scopes_supported ?? [];
    const [issuer = ""] = metadata.authorization_servers ?? [];
    const [, authority = ""] = /^(https:\/\/[\w.-]+\/[\w.-]+)\/v2\.0$/.exec(issuer) ?? [];
    return {
      ...(/^[a-z]+:\/\/[\w.~:/-]+\/[\w.-]+$/.test(scope) && { scope }),
      ...(authority && knownCloud(authority) && { authority }),
    };
  } catch {
    return {};
  }
}
