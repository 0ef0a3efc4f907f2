import type { JsonObject } from "../../src/core/encoding.ts";
import { addressNamedBy } from "../shared/addresses.ts";
import { bearerChallenge } from "../shared/challenge.ts";
import { type Exchange, type Header, headerOf } from "../shared/exchange.ts";
import type { Client } from "../shared/http-client.ts";
import { decodeJwt, keysOf } from "../shared/jwt.ts";
import { bearer, initialize, type McpMessage, postOf } from "../shared/mcp-message.ts";
import { documentOf, metadataUrl, openidConfigurationUrl, textsOf } from "../shared/metadata.ts";
import {
  type Answer,
  authorizationUrl,
  type Prompt,
  readAnswer,
  type SignInClient,
  visualStudioCode,
  type Wish,
} from "./sign-in/authorization-request.ts";

/** The server to look at, and what the command line gave for it. */
export interface Subject {
  /** The MCP URL, as clients are given it. */
  readonly target: URL;
  readonly token: string | undefined;
  /** A browser origin that the server should allow. */
  readonly origin: string | undefined;
  /** Whether to call a tool that acts on the person's behalf. */
  readonly call: boolean;
  /** Whose sign-in to look at; Visual Studio Code's unless given. */
  readonly client?: SignInClient | undefined;
  /** For each request, in milliseconds. */
  readonly timeout: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * A server that is looked at. Each observation is made when a check first asks for it, and once:
 * later checks see the same.
 */
export type Patient = ReturnType<typeof createPatient>;

export function createPatient(subject: Subject, { send }: Client) {
  const { target, token, now } = subject;
  const get = (url: URL) => send({ method: "GET", url, headers: [["Accept", "application/json"]] });
  const timed = (observe: () => Promise<Exchange>) =>
    once(async (): Promise<Timed> => ({ exchange: await observe(), receivedAt: now() }));
  const first = timed(() => send(postOf(initialize, target)));
  const unauthenticated = async () => (await first()).exchange;
  const metadataAtPath = once(() => get(metadataUrl(target)));
  const metadata = once(async () => documentOf(await metadataAtPath()));
  const issuer = once(async () => textsOf((await metadata())?.authorization_servers)[0]);
  /** Tokens and scopes are the server's own then, not Entra's. */
  const isGateway = once(async () => target.href.startsWith(`${await issuer()}/`));
  const discovery = timed(async () => get(openidConfigurationUrl(new URL(String(await issuer())))));
  const issuerDocument = async () => (await discovery()).exchange;
  const secondsAhead = async () => secondsAheadIn(await first());
  const { client = visualStudioCode } = subject;
  async function askToSignIn(wish: Wish, prompt: Prompt): Promise<Answer> {
    const { authorization_endpoint: endpoint } = documentOf(await issuerDocument()) ?? {};
    const url = authorizationUrl(new URL(String(endpoint)), client, wish, prompt);
    const resource = wish.resource === undefined ? "" : `, resource ${wish.resource}`;
    const sent = `authorization request for scope ${wish.scope}${resource}`;
    return readAnswer(await send({ method: "GET", url, sent }), client, prompt);
  }
  const jwt = token === undefined ? undefined : decodeJwt(token);
  return {
    ...subject,
    /** The token taken apart; nothing where there is none, or it is no JWT. */
    jwt,
    send,
    get,
    /** Posts to the MCP URL; with the token, unless told otherwise. */
    post: (message: McpMessage, headers: readonly Header[] = [bearer(String(token))]) =>
      send(postOf(message, target, ...headers)),
    /** `initialize` without credentials. */
    unauthenticated,
    health: once(() => get(new URL("/health", target))),
    readiness: once(() => get(new URL("/health/ready", target))),
    metadataAtPath,
    /** The protected resource metadata (RFC 9728). */
    metadata,
    challenge: once(async () =>
      bearerChallenge(headerOf(await unauthenticated(), "www-authenticate")),
    ),
    /** The one authorization server that the metadata names. */
    issuer,
    /** Whether that one is the server's own, which the server's URL begins with. */
    isGateway,
    issuerDocument,
    keySet: once(async () => {
      const { jwks_uri: keys } = documentOf(await issuerDocument()) ?? {};
      const url = new URL(String(keys));
      // Entra shows the keys of a registration with a claims mapping to those alone who ask for them.
      if (typeof jwt?.claims.aud === "string") url.searchParams.set("appid", jwt.claims.aud);
      return get(url);
    }),
    /**
     * Asks the issuer as a client does at sign-in, without anybody who could sign in. Only for checks
     * after `authority.discovery`, which judges the address.
     */
    askToSignIn,
    /** Whether the issuer knows the client at all. */
    knownClient: once(() => askToSignIn({ scope: "openid" }, "none")),
    /** How many seconds the server's clock is ahead of ours; nothing where it does not tell. */
    secondsAhead,
    /** The same of the authority's clock. */
    async authoritySecondsAhead() {
      return addressNamedBy(target, await issuer()) ? secondsAheadIn(await discovery()) : undefined;
    },
    /** The server's clock, in seconds since the epoch; ours where it does not tell. */
    async serverTime() {
      return Math.floor(now() / 1000) + ((await secondsAhead()) ?? 0);
    },
  };
}

interface Timed {
  readonly exchange: Exchange;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
}

/** By the answer's `Date` (RFC 9110 section 6.6.1), which has whole seconds. */
function secondsAheadIn({ exchange, receivedAt }: Timed): number | undefined {
  const date = Date.parse(headerOf(exchange, "date") ?? "");
  return Number.isNaN(date) ? undefined : Math.round((date - receivedAt) / 1000);
}

/**
 * The keys that can verify what Entra signs: RSA of 2048 bits or more, with an id (RFC 7517).
 *
 * @param isGateway the keys are a gateway's, which may be of the curve P-256 as well
 */
export function usableKeys(
  keySet: JsonObject | undefined,
  isGateway: boolean,
): readonly JsonObject[] {
  return keysOf(keySet).filter(
    (key) =>
      (key.use === undefined || key.use === "sig") &&
      typeof key.kid === "string" &&
      (isLargeRsa(key) || (isGateway && key.kty === "EC" && key.crv === "P-256")),
  );
}

function isLargeRsa({ kty, n, e }: JsonObject): boolean {
  return (
    kty === "RSA" &&
    typeof n === "string" &&
    typeof e === "string" &&
    Buffer.from(n, "base64url").length >= 256
  );
}

function once<Value>(observe: () => Promise<Value>): () => Promise<Value> {
  let observed: Promise<Value> | undefined;
  return () => {
    observed ??= observe();
    return observed;
  };
}
