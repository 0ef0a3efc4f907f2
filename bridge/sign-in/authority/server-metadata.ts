import { failure, type Result, success } from "../../../src/core/result.ts";
import { remedyOf } from "../../remedies.ts";
import type { ServerUrl } from "../../server-url.ts";
import { networkProblem, readJson } from "./bounded-fetch.ts";

const wellKnownPath = "/.well-known/oauth-protected-resource";
/** Milliseconds. */
const timeout = 15_000;

/**
 * The authorization servers that the server's protected resource metadata names.
 *
 * Source: RFC 9728, section 3
 *
 * @returns in words, why there are none
 */
export async function readAuthorizationServers(
  { given, url }: ServerUrl,
  http: typeof fetch,
): Promise<Result<readonly string[], string>> {
  const { origin, pathname, search } = url;
  const address = `${origin}${wellKnownPath}${pathname === "/" ? "" : pathname}${search}`;
  const fetched = await fetchJson(address, http).catch(networkProblem);
  if (typeof fetched === "string") {
    return failure(`${address} cannot be read (${fetched}). ${remedyOf(fetched)}`);
  }
  const { status, document } = fetched;
  if (status !== 200 || !document) return failure(`${address} has no metadata (HTTP ${status}).`);
  // RFC 9728, section 3.3
  if (document.resource !== given && document.resource !== url.href) {
    return failure(`${address} describes another resource than ${given}.`);
  }
  const named = document.authorization_servers;
  if (!Array.isArray(named)) return failure(`${address} names no authorization server.`);
  return success(named.filter((entry) => typeof entry === "string"));
}

async function fetchJson(address: string, http: typeof fetch) {
  const response = await http(address, {
    headers: { Accept: "application/json" },
    // The server speaks for itself alone, so nothing is followed to elsewhere.
    redirect: "error",
    signal: AbortSignal.timeout(timeout),
  });
  return { status: response.status, document: await readJson(response) };
}
