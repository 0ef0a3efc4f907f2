import { addressNamedBy } from "../shared/addresses.ts";
import { bearerChallenge, type Challenge } from "../shared/challenge.ts";
import { CannotRun } from "../shared/command-line.ts";
import { describe, type Exchange, headerOf, jsonOf, statusOf } from "../shared/exchange.ts";
import type { Client } from "../shared/http-client.ts";
import { keysOf } from "../shared/jwt.ts";
import { initialize } from "../shared/mcp-message.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** An authorization server that the metadata names, and what it says of itself. */
export interface Issuer {
  readonly issuer: string;
  /** Of each place where a client would look, in their order, up to the one that answered. */
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
  /** Where the challenge leads; nothing where it leads nowhere. */
  readonly metadataFromChallenge: Exchange | undefined;
  /** The first document found, in the order in which clients look. */
  readonly document: JsonObject | undefined;
  readonly issuers: readonly Issuer[];
}

const wellKnownPath = "/.well-known/oauth-protected-resource";
/** More than any server names in earnest. */
const maximumIssuers = 3;
/** The metadata must be readable by pages of any origin. */
export const browserOrigin = "https://client.example";

/**
 * Does what an MCP client does before it signs anyone in.
 *
 * @throws {CannotRun} where the server does not answer
 */
export async function discoverServer(send: Client["send"], target: URL): Promise<Discovery> {
  const unauthenticated = await send({
    sent: "POST initialize without credentials",
    method: "POST",
    url: target,
    headers: initialize.headers,
    body: initialize.body,
  });
  if (!unauthenticated.answer) throw new CannotRun(whyUnanswered(target, unauthenticated));
  if (!isMcpEndpoint(unauthenticated)) {
    throw new CannotRun(
      `${target} seems to be no MCP endpoint: it answers ${describe(unauthenticated)}. Is the path right? It often ends in /mcp.`,
    );
  }

  const challenge = bearerChallenge(headerOf(unauthenticated, "www-authenticate"));
  const hasPath = target.pathname !== "/";
  const pathUrl = new URL(
    `${wellKnownPath}${hasPath ? target.pathname : ""}${target.search}`,
    target,
  );
  const rootUrl = new URL(wellKnownPath, target);
  const metadataAtPath = await get(send, pathUrl);
  const metadataAtRoot = hasPath ? await get(send, rootUrl) : undefined;
  const challengeUrl = addressNamedBy(target, challenge?.parameters.get("resource_metadata"));
  const known = [metadataAtPath, metadataAtRoot].find(
    (exchange) => exchange?.url === challengeUrl?.href,
  );
  const metadataFromChallenge = known ?? (challengeUrl ? await get(send, challengeUrl) : undefined);

  const document = [metadataFromChallenge, metadataAtPath, metadataAtRoot]
    .map((exchange) => documentOf(exchange))
    .find((found) => found !== undefined);
  const named = document?.authorization_servers;
  const issuers: Issuer[] = [];
  for (const issuer of Array.isArray(named) ? named.slice(0, maximumIssuers) : []) {
    if (typeof issuer === "string") issuers.push(await discoverIssuer(send, target, issuer));
  }
  return {
    unauthenticated,
    challenge,
    metadataAtPath,
    metadataAtRoot,
    metadataFromChallenge,
    document,
    issuers,
  };
}

function whyUnanswered(target: URL, exchange: Exchange): string {
  const isSlow = exchange.problem?.kind === "timeout";
  return `${target}: ${describe(exchange)}${isSlow ? ". --timeout SECONDS waits longer" : ""}`;
}

/** What else there is wrong, even that nobody is asked for a token, is for the checks to find. */
function isMcpEndpoint(exchange: Exchange): boolean {
  const status = statusOf(exchange) ?? 0;
  if (headerOf(exchange, "www-authenticate") !== undefined) return true;
  if (status === 404 || status === 405) return false;
  return status < 200 || status > 299 || jsonOf(exchange)?.jsonrpc === "2.0";
}

/**
 * Whether `value` is the identifier of the resource at `target`: character for character, but that a
 * bare origin may go without its slash (MCP authorization, Canonical Server URI).
 */
export function isResource(target: URL, value: unknown): boolean {
  return value === target.href || (value === target.origin && target.href === `${value}/`);
}

/** The document that an exchange brought, if it brought one. */
export function documentOf(exchange: Exchange | undefined): JsonObject | undefined {
  return exchange && statusOf(exchange) === 200 ? jsonOf(exchange) : undefined;
}

async function discoverIssuer(send: Client["send"], target: URL, issuer: string): Promise<Issuer> {
  const attempts: Exchange[] = [];
  for (const url of issuerDocumentUrls(addressNamedBy(target, issuer))) {
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

/** In the order that the MCP specification prescribes to clients. */
function issuerDocumentUrls(url: URL | undefined): URL[] {
  if (!url) return [];
  const path = url.pathname.replace(/\/$/, "");
  return [
    `/.well-known/oauth-authorization-server${path}`,
    `/.well-known/openid-configuration${path}`,
    ...(path === "" ? [] : [`${path}/.well-known/openid-configuration`]),
  ].map((location) => new URL(location, url));
}

function get(send: Client["send"], url: URL): Promise<Exchange> {
  return send({
    sent: `GET ${url.href}`,
    method: "GET",
    url,
    headers: [
      ["Accept", "application/json"],
      ["Origin", browserOrigin],
    ],
  });
}
