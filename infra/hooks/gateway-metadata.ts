import { isObject, parseJson } from "../../src/core/encoding.ts";
import { causeOf } from "./graph.ts";

const answerWithinMilliseconds = 30_000;

/**
 * Asks the gateway for its metadata (RFC 8414), as its clients do first. It answers by the name of its public
 * URL alone, so that a domain which does not lead to the server yet is found out too.
 *
 * @param url of the gateway's MCP endpoint
 * @returns what is wrong, as the end of "The gateway is on, but …"; nothing where it answers
 */
export async function askGateway(
  url: string,
  fetchImplementation: typeof fetch = fetch,
): Promise<string | undefined> {
  const issuer = url.replace(/\/mcp$/, "");
  const metadataUrl = new URL("/.well-known/oauth-authorization-server/gateway", url).href;
  const again = `Its clients begin there; look again with: curl ${metadataUrl}`;
  try {
    const response = await fetchImplementation(metadataUrl, {
      redirect: "error",
      signal: AbortSignal.timeout(answerWithinMilliseconds),
    });
    const text = await response.text();
    if (response.status !== 200) return `its metadata answers ${response.status}. ${again}`;
    const metadata = parseJson(text);
    if (isObject(metadata) && metadata.issuer === issuer) return undefined;
    return `its metadata does not name ${issuer} as the issuer. ${again}`;
  } catch (error) {
    return `its metadata could not be read (${causeOf(error)}). ${again}`;
  }
}
