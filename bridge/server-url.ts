import { isLoopback } from "../src/core/address.ts";
import { failure, type Result, success } from "../src/core/result.ts";

/** The MCP server that the bridge speaks to. */
export interface ServerUrl {
  /** To the letter as the user gave it: what `resource` is in a request for a token (RFC 8707). */
  readonly given: string;
  readonly url: URL;
}

/**
 * Reads the server's URL: https, or http on this machine alone, since every request carries a token.
 *
 * @returns in words, what is wrong with it
 */
export function readServerUrl(given: string): Result<ServerUrl, string> {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    return failure(`${given} is no https URL, such as https://mcp.example.com/mcp.`);
  }
  if (url.username || url.password) {
    return failure(
      "The URL has a user name or password in it. People sign in with Entra: leave them out.",
    );
  }
  if (url.hash)
    return failure(`${given} has a fragment (#…), which no server is told. Leave it out.`);
  if (url.protocol === "http:" && !isLoopback(url)) {
    return failure(
      `${given} would send access tokens unencrypted. Use https; http is for localhost alone.`,
    );
  }
  return success({ given, url });
}
