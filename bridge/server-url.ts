import { isLoopback } from "../src/core/address.ts";
import { failure, type Result, success } from "../src/core/result.ts";

/** The MCP server that the bridge speaks to. */
export interface ServerUrl {
  /** To the letter as the user gave it: what `resource` is in a request for a token (RFC 8707). */
  readonly given: string;
  readonly url: URL;
}

/**
 * The characters of a URL (RFC 3986), for it is sent as given: a blank would end a scope and begin
 * another one, for another API.
 */
const urlCharacters = /^https?:\/\/[\w.~:/?#[\]@!$&'()*+,;=%-]+$/i;

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
  if (!urlCharacters.test(given)) {
    return failure(`${JSON.stringify(given)} is no URL to the letter. Is it ${url.href}?`);
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
