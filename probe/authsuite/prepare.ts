import type { JsonWebKey } from "node:crypto";
import { isLoopback } from "../../src/core/address.ts";
import type { JsonObject } from "../../src/core/encoding.ts";
import { CannotRun } from "../shared/command-line.ts";
import { describe, type Exchange, isSuccess, jsonOf } from "../shared/exchange.ts";
import type { Client } from "../shared/http-client.ts";
import { type Claims, type DecodedJwt, decodeJwt } from "../shared/jwt.ts";
import {
  bearer,
  discover,
  type Era,
  initialize,
  openingMessage,
  postOf,
} from "../shared/mcp-message.ts";
import { nameOf, qualifierOf, scopesOf } from "../shared/metadata.ts";
import { createMint, type GoodToken, type Mint, type Preparation } from "./context.ts";
import { type Discovery, discoverServer } from "./discovery.ts";
import { createStranger } from "./stranger.ts";

/** What a run is told. */
export interface SuiteOptions {
  /** The MCP URL. */
  readonly target: URL;
  /** An access token that the server should accept. */
  readonly token?: string | undefined;
  /** A token of the same authority that has expired. */
  readonly expiredToken?: string | undefined;
  /** The private key that signs the authority's tokens. */
  readonly signingKey?: JsonWebKey | undefined;
  /** A browser origin that the server should allow. */
  readonly origin?: string | undefined;
  /** Read from the metadata unless given. */
  readonly profile?: Profile | undefined;
  /** In bytes. */
  readonly bodyLimit?: number | undefined;
  /** For each request, in milliseconds. */
  readonly timeout?: number | undefined;
  /** Milliseconds to leave between the starts of two requests. */
  readonly pause?: number | undefined;
  /** Groups or ids of checks; all unless given. */
  readonly only?: readonly string[] | undefined;
  /** Groups or ids of checks to leave out. */
  readonly skip?: readonly string[] | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** The shapes of tokens and issuers to expect: the RFCs', or Microsoft Entra's as well. */
export const profiles = ["generic", "entra"] as const;

export type Profile = (typeof profiles)[number];

/** What the SDKs for MCP servers accept. */
export const defaultBodyLimit = 4 * 1024 * 1024;

const entraHosts =
  /^(?:login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn|sts\.windows\.net|.+\.ciamlogin\.com)$/;

/**
 * Finds out what the checks start from, and makes sure that what was given is what it is said to be:
 * a check that a refused token is refused would show nothing.
 *
 * @throws {CannotRun} saying what to do about it
 */
export async function prepare(options: SuiteOptions, client: Client): Promise<Preparation> {
  const { target, token, signingKey, now = Date.now } = options;
  const credentials = [token, options.expiredToken, signingKey].some(
    (given) => given !== undefined,
  );
  if (credentials && target.protocol === "http:" && !isLoopback(target)) {
    throw new CannotRun(
      "Over plain http anybody on the way could read the token: give an https URL.",
    );
  }
  const send = unlimited(client);
  if (signingKey && token === undefined) {
    throw new CannotRun("A signing key needs a good token beside it, to sign others like it.");
  }
  const discovery = await discoverServer(send, target);
  const good = token === undefined ? undefined : await tryToken(send, target, token);
  const mint =
    good && signingKey ? await trySigningKey(send, target, good, signingKey, now) : undefined;
  const likeness = good?.jwt ?? guess(discovery, target, now());
  const isEntra = (options.profile ?? profileOf(discovery)) === "entra";
  return {
    client,
    target,
    isEntra,
    discovery,
    stranger: await createStranger({
      algorithm: String(likeness.header.alg),
      hasWebSite: isLoopback(target),
    }),
    likeness,
    allowedOrigin: options.origin,
    expiredToken: options.expiredToken,
    bodyLimit: options.bodyLimit ?? defaultBodyLimit,
    now,
    good,
    mint,
  };
}

/** Every check rests on these answers: with some of them missing there would be false findings. */
function unlimited(client: Client): Client["send"] {
  return async (request) => {
    const exchange = await client.send(request);
    if (exchange.answer?.status !== 429) return exchange;
    throw new CannotRun(`${exchange.url} limits requests already (429). Try again later.`);
  };
}

function profileOf({ issuers }: Discovery): Profile {
  const hosts = issuers.map(({ issuer }) => URL.parse(issuer)?.hostname ?? "");
  return hosts.some((host) => entraHosts.test(host)) ? "entra" : "generic";
}

/** Shows that the token is accepted, and finds out which era the server speaks. */
async function tryToken(send: Client["send"], target: URL, value: string): Promise<GoodToken> {
  const jwt = decodeJwt(value);
  let exchange: Exchange | undefined;
  for (const era of ["modern", "legacy"] as const) {
    exchange = await presentTo(send, target, era, value, "the given token");
    if (isSuccess(exchange) && jsonOf(exchange)?.result !== undefined) return { value, jwt, era };
  }
  throw new CannotRun(
    `The server accepts neither ${discover.method} nor ${initialize.method} with the given token: ${exchange ? describe(exchange) : "no answer"}. Is the token for this server, and has it expired?`,
  );
}

async function trySigningKey(
  send: Client["send"],
  target: URL,
  { jwt, era }: GoodToken,
  signingKey: JsonWebKey,
  now: () => number,
): Promise<Mint> {
  if (!jwt) throw new CannotRun("The given token is no JWT, so none can be signed like it.");
  const { mint, token } = mintWith(signingKey, jwt, now);
  const sent = "a token that the given key has signed";
  const exchange = await presentTo(send, target, era, token, sent);
  if (isSuccess(exchange)) return mint;
  throw new CannotRun(
    `The server refuses a token like the given one that the given key has signed: ${describe(exchange)}. Is it the authority's key?`,
  );
}

function mintWith(signingKey: JsonWebKey, jwt: DecodedJwt, now: () => number) {
  try {
    const mint = createMint(signingKey, jwt, now);
    return { mint, token: mint() };
  } catch {
    const algorithm = String(jwt.header.alg);
    throw new CannotRun(`The given signing key is no private JWK that can sign ${algorithm}.`);
  }
}

function presentTo(
  send: Client["send"],
  target: URL,
  era: Era,
  token: string,
  what: string,
): Promise<Exchange> {
  const message = openingMessage(era);
  const sent = `POST ${message.method} with ${what}`;
  return send({ ...postOf(message, target, bearer(token)), sent });
}

/** Real servers name fewer. */
const maximumScopes = 20;
const guid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/**
 * A guess at a good token from the metadata. Its audience lists everything that may be right, since a
 * server that is strict about the audience would look no further.
 */
function guess({ document, issuers }: Discovery, target: URL, now: number) {
  const [first] = issuers;
  const key = first?.keys.find(({ use }) => use !== "enc");
  const scopes = scopesOf(document).filter(isName).slice(0, maximumScopes);
  const qualifiers = scopes.map(qualifierOf);
  const clientIds = qualifiers.map((qualifier) => guid.exec(qualifier)?.[0]);
  const audiences = [document?.resource, target.href, target.origin, ...qualifiers, ...clientIds];
  const issuedAt = Math.floor(now / 1000) - 5;
  const claims: Claims = {
    iss: first?.issuer ?? target.origin,
    aud: [...new Set(audiences)].filter((audience) => typeof audience === "string"),
    sub: "authsuite",
    client_id: "authsuite",
    scope: scopes.join(" "),
    scp: scopes.map(nameOf).join(" "),
    ver: "2.0",
    tid: guid.exec(first?.issuer ?? "")?.[0],
    oid: "00000000-0000-4000-8000-000000000001",
    azp: "00000000-0000-4000-8000-000000000002",
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + 600,
  };
  const kid = isName(key?.kid) ? key.kid : undefined;
  return { header: { alg: algorithmOf(key), typ: "JWT", kid }, claims };
}

/** A stranger's values may be of any type and length, and the likeness must fit into a header. */
function isName(value: unknown): value is string {
  return typeof value === "string" && value.length <= 256;
}

/** What a public key (RFC 7517) most likely verifies. */
function algorithmOf(key: JsonObject | undefined): string {
  if (isName(key?.alg)) return key.alg;
  if (key?.kty === "OKP") return "EdDSA";
  const curve = /^P-(256|384|521)$/.exec(String(key?.crv))?.[1];
  return curve === undefined ? "RS256" : `ES${curve === "521" ? "512" : curve}`;
}
