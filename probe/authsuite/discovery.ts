import type { JsonObject } from "../../src/core/encoding.ts";
import { addressNamedBy } from "../shared/addresses.ts";
import { bearerChallenge, type Challenge } from "../shared/challenge.ts";
import { CannotRun } from "../shared/command-line.ts";
import { describe, type Exchange, headerOf, jsonOf, statusOf } from "../shared/exchange.ts";
import type { Client } from "../shared/http-client.ts";
import { keysOf } from "../shared/jwt.ts";
import { initialize, postOf } from "../shared/mcp-message.ts";
import {
  documentOf,
  issuerDocumentUrls,
  metadataUrl,
  textsOf,
  wellKnownPath,
} from "../shared/metadata.ts";

/** An authorization server that the metadata names, and what it says of itself. */
export interface Issuer {
  readonly issuer: string;
  /** One for each place where a client would look, up to the one that answered. */
  readonly attempts: readonly Exchange[];
  /** The first discovery document found. */
  readonly document: JsonObject | undefined;
  readonly keys: readonly JsonObject[];
}

/** What a client that knows the URL alone finds out, and what most checks start from. */
export interface Discovery {
  readonly unauthenticated: Exchange;
  readonly challenge: Challenge | undefined;
  readonly metadataAtPath: Exchange;
  /** Nothing where the resource has no path: then there is one place only. */
  readonly metadataAtRoot: Exchange | undefined;
  /** The answer at the address in the challenge, if it has one. */
  readonly metadataFromChallenge: Exchange | undefined;
  /** The first document found, in the order in which clients look. */
  readonly document: JsonObject | undefined;
  /** Where that was found; the resource's own place where there is none. */
  readonly place: Exchange;
  readonly issuers: readonly Issuer[];
}

/** Real servers name fewer. */
const maximumIssuers = 3;
/** The metadata must be readable by pages of any origin. */
export const browserOrigin = "https://client.example";

/**
 * Does what an MCP client does before it signs anyone in.
 *
 * @throws {CannotRun} where the server does not answer
 */
export async function discoverServer(send: Client["send"], target: URL): Promise<Discovery> {
  const sent = "POST initialize without credentials";
  const unauthenticated = await send({ ...postOf(initialize, target), sent });
  if (!unauthenticated.answer) throw new CannotRun(whyUnanswered(target, unauthenticated));
  if (!isMcpEndpoint(unauthenticated)) {
    throw new CannotRun(
      `${target} seems to be no MCP endpoint: it answers ${describe(unauthenticated)}. Is the path right? It often ends in /mcp.`,
    );
  }

  const challenge = bearerChallenge(headerOf(unauthenticated, "www-authenticate"));
  const metadataAtPath = await get(send, metadataUrl(target));
  const metadataAtRoot =
    target.pathname === "/" ? undefined : await get(send, new URL(wellKnownPath, target));
  const challengeUrl = addressNamedBy(target, challenge?.parameters.get("resource_metadata"));
  const known = [metadataAtPath, metadataAtRoot].find(
    (exchange) => exchange?.url === challengeUrl?.href,
  );
  const metadataFromChallenge = known ?? (challengeUrl ? await get(send, challengeUrl) : undefined);

  const places = [metadataFromChallenge, metadataAtPath, metadataAtRoot];
  const place = places.find((exchange) => documentOf(exchange)) ?? metadataAtPath;
  const document = documentOf(place);
  const issuers: Issuer[] = [];
  for (const issuer of textsOf(document?.authorization_servers).slice(0, maximumIssuers)) {
    issuers.push(await discoverIssuer(send, target, issuer));
  }
  return {
    unauthenticated,
    challenge,
    metadataAtPath,
    metadataAtRoot,
    metadataFromChallenge,
    document,
    place,
    issuers,
  };
}

function whyUnanswered(target: URL, exchange: Exchange): string {
  const isSlow = exchange.problem?.kind === "timeout";
  return `${target}: ${describe(exchange)}${isSlow ? ". --timeout SECONDS waits longer" : ""}`;
}

/** Only rules out other kinds of servers; whether a token is asked for is left to the checks. */
function isMcpEndpoint(exchange: Exchange): boolean {
  const status = statusOf(exchange) ?? 0;
  if (headerOf(exchange, "www-authenticate") !== undefined) return true;
  if (status === 404 || status === 405) return false;
  return status < 200 || status > 299 || jsonOf(exchange)?.jsonrpc === "2.0";
}

async function discoverIssuer(send: Client["send"], target: URL, issuer: string): Promise<Issuer> {
  const attempts: Exchange[] = [];
  const address = addressNamedBy(target, issuer);
  for (const url of address ? issuerDocumentUrls(address) : []) {
    const exchange = await get(send, url);
    attempts.push(exchange);
    const document = documentOf(exchange);
    if (!document) continue;
    const keysUrl = addressNamedBy(target, document.jwks_uri);
    const keys = keysUrl ? keysOf(documentOf(await get(send, keysUrl))) : [];
    return { issuer, attempts, document, keys };
  }
  return { issuer, attempts, document: undefined, keys: [] };
}

function get(send: Client["send"], url: URL): Promise<Exchange> {
  return send({
    method: "GET",
    url,
    headers: [
      ["Accept", "application/json"],
      ["Origin", browserOrigin],
    ],
  });
}
