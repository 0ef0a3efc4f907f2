import { createPrivateKey, type JsonWebKey } from "node:crypto";
import type { Exchange, Header } from "../shared/exchange.ts";
import type { Client, OutgoingRequest } from "../shared/http-client.ts";
import { type Claims, type DecodedJwt, type JwtHeader, signJwt } from "../shared/jwt.ts";
import {
  type Era,
  initialize,
  type McpMessage,
  openingMessage,
  postOf,
} from "../shared/mcp-message.ts";
import type { Discovery } from "./discovery.ts";
import type { Stranger } from "./stranger.ts";

/** What every check is given. */
export interface Context {
  /** The MCP URL. */
  readonly target: URL;
  readonly isEntra: boolean;
  readonly discovery: Discovery;
  readonly stranger: Stranger;
  /** An access token that the server accepts, if one was given. */
  readonly token: string | undefined;
  /** What a good token looks like here: read from one, or guessed from the metadata. */
  readonly likeness: { readonly header: JwtHeader; readonly claims: Claims };
  /** A browser origin that the server should allow, if one was given. */
  readonly allowedOrigin: string | undefined;
  /** A token of the authority that has expired, if one was given. */
  readonly expiredToken: string | undefined;
  /** The size that a request's body must not exceed, in bytes. */
  readonly bodyLimit: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** All exchanges of the run so far. */
  readonly transcript: readonly Exchange[];
  send(request: OutgoingRequest): Promise<Exchange>;
  /** Posts an MCP message to the target. */
  post(request: PostRequest): Promise<Exchange>;
  /** Posts what opens a conversation, with a bearer token. */
  present(token: string, what: string): Promise<Exchange>;
}

/** What a check is given that needs an access token which the server accepts. */
export interface TokenContext extends Context {
  readonly token: string;
  /** The token taken apart; nothing where it is opaque. */
  readonly jwt: DecodedJwt | undefined;
  /** The protocol's era that the server speaks. */
  readonly era: Era;
}

/** What a check is given that needs the authority's key. */
export interface KeyContext extends TokenContext {
  readonly jwt: DecodedJwt;
  readonly mint: Mint;
}

/**
 * Makes a token of the authority, signed now, like the good one but for what is changed; `undefined`
 * leaves a claim or header parameter out.
 */
export type Mint = (changes?: Claims, headerChanges?: JwtHeader) => string;

export interface PostRequest {
  /** What is particular about the request, in words that follow `POST method`. */
  readonly sent: string;
  /** What opens a conversation, unless given. */
  readonly message?: McpMessage;
  /** One header for each. */
  readonly authorization?: string | readonly string[];
  readonly headers?: readonly Header[];
  readonly secrets?: readonly string[];
  readonly url?: URL;
}

/** What is settled before the first check. */
export type Preparation = Omit<Context, "send" | "post" | "present" | "token" | "transcript"> & {
  readonly client: Client;
  readonly good: GoodToken | undefined;
  /** Signs as the authority does, where its key is known. */
  readonly mint: Mint | undefined;
};

export interface GoodToken {
  readonly value: string;
  readonly jwt: DecodedJwt | undefined;
  readonly era: Era;
}

/** Requests of one check are also noted in `own`. */
export function createContext(preparation: Preparation, own: Exchange[]): Context {
  const { client, good, target } = preparation;
  const opening = good ? openingMessage(good.era) : initialize;
  const send = async (request: OutgoingRequest): Promise<Exchange> => {
    const exchange = await client.send(request);
    own.push(exchange);
    return exchange;
  };
  const post = ({
    sent,
    message = opening,
    authorization = [],
    headers = [],
    secrets = [],
    url = target,
  }: PostRequest): Promise<Exchange> =>
    send({
      ...postOf(
        message,
        url,
        ...[authorization].flat().map((value) => ["Authorization", value] as const),
        ...headers,
      ),
      sent: `POST ${message.method} ${sent}`,
      secrets,
    });
  return {
    ...preparation,
    token: good?.value,
    transcript: client.transcript,
    send,
    post,
    present: (token, what) => post({ sent: `with ${what}`, authorization: `Bearer ${token}` }),
  };
}

const lifetimeSeconds = 600;

/**
 * @param signingKey the authority's private key as a JWK (RFC 7517)
 * @param now milliseconds since the epoch
 * @throws {TypeError} where `signingKey` is none
 */
export function createMint(
  signingKey: JsonWebKey,
  { header, claims }: DecodedJwt,
  now: () => number,
): Mint {
  const key = createPrivateKey({ key: signingKey, format: "jwk" });
  return (changes = {}, headerChanges = {}) => {
    const iat = Math.floor(now() / 1000) - 5;
    const lifetime = { iat, exp: iat + lifetimeSeconds };
    const notBefore = claims.nbf === undefined ? {} : { nbf: iat };
    const changed = { ...claims, ...lifetime, ...notBefore, ...changes };
    return signJwt(key, { ...header, ...headerChanges }, changed);
  };
}
