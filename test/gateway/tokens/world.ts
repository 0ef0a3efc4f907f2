import { createHash, randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Answer } from "../../../src/core/endpoint.ts";
import type { LogFields, LogLevel } from "../../../src/core/log.ts";
import type { GatewayClient } from "../../../src/gateway/clients/clients.ts";
import { endConnections } from "../../../src/gateway/connections/ending.ts";
import type { GrantEnd, GrantReference } from "../../../src/gateway/grants/grant-record.ts";
import type { NewGrant } from "../../../src/gateway/grants/grants.ts";
import { createGrants } from "../../../src/gateway/grants/grants.ts";
import type { GatewayHandler } from "../../../src/gateway/http/handler.ts";
import { readParameters } from "../../../src/gateway/http/parameters.ts";
import { createGatewayKeys } from "../../../src/gateway/keys/gateway-keys.ts";
import { createGatewayStore } from "../../../src/gateway/store/cosmos-records.ts";
import { createGatewayTokenVerifier } from "../../../src/gateway/tokens/gateway-token-verifier.ts";
import { createRevocation } from "../../../src/gateway/tokens/revocation.ts";
import { createTokenEndpoint } from "../../../src/gateway/tokens/token-endpoint.ts";
import { FakeClock } from "../../keys/fake-clock.ts";
import { MemoryKeyStorage } from "../../keys/memory-key-storage.ts";
import { value } from "../../support/value.ts";
import { FakeEntra } from "../fake-entra.ts";
import { MemoryContainer, type ViewOptions } from "../memory-container.ts";

export const issuer = "https://mcp.example/gateway";
export const resource = `${issuer}/mcp`;
export const oid = "aaaaaaaa-0000-4000-8000-000000000001";
export const redirectUri = "https://client.example/callback";
export const codeVerifier = "verifier-of-the-client-verifier-of-the-client";

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;
export const idleMilliseconds = 14 * day;
export const absoluteMilliseconds = 90 * day;

export const client: GatewayClient = {
  id: "https://client.example/client.json",
  kind: "document",
  name: "Example Client",
  domain: "client.example",
  redirectUris: [redirectUri],
};

/** What a client gets, or is told. */
export interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: Readonly<Record<string, unknown>>;
}

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** A parameter that is undefined is left out. */
export type Form = Readonly<Record<string, string | undefined>>;

/** All that instances of the server share. */
export class World {
  readonly clock = new FakeClock();
  readonly memory = new MemoryContainer();
  readonly keyStorage = new MemoryKeyStorage();
  readonly entra = new FakeEntra(this.clock.now);
  readonly lines: (LogFields & { readonly level: LogLevel; readonly event: string })[] = [];
  readonly inUse: string[] = [];
  /** Clients whose registration is gone. */
  readonly forgotten = new Set<string>();
  allowedClientIds: readonly string[] | undefined;

  readonly log = (level: LogLevel, event: string, fields?: LogFields) =>
    void this.lines.push({ level, event, ...fields });

  /** The events of the audit log, without their durations. */
  audited(): object[] {
    return this.lines
      .filter(({ event }) => event.startsWith("audit."))
      .map(({ level: _level, durationMilliseconds: _duration, ...line }) => line);
  }

  /** What stands in the store of a grant. */
  stored(grant?: GrantReference): Readonly<Record<string, unknown>> | undefined {
    const documents = this.memory.documents();
    const found = documents.find(({ kind, id }) =>
      grant ? id === `grant:${grant.grantId}` : kind === "grant",
    );
    return found?.item as Readonly<Record<string, unknown>> | undefined;
  }
}

/** One instance of the server, as its store lets it see things. */
export class Instance {
  readonly world: World;
  readonly view;
  readonly grants;
  readonly keys;
  readonly #token: GatewayHandler;
  readonly #revoke: GatewayHandler;
  readonly #verifier;

  constructor(world: World, view: ViewOptions = {}) {
    this.world = world;
    this.view = world.memory.view(view);
    const { clock, log, entra } = world;
    const times = { now: clock.now, monotonicNow: clock.now };
    const store = createGatewayStore({
      open: async () => this.view.container,
      now: clock.now,
      pause: async () => {},
    });
    const keys = createGatewayKeys({ storage: world.keyStorage, ...times, randomBytes, log });
    this.keys = keys;
    const settings = { issuer, resource, idleMilliseconds, absoluteMilliseconds };
    const pause = async () => {};
    this.grants = createGrants({ store, keys, settings, ...times, randomBytes, log, pause });
    const clients = {
      isAllowed: (id: string) => world.allowedClientIds?.includes(id) ?? true,
      inUse: async (id: string) => void world.inUse.push(id),
      isForgotten: async (id: string) => world.forgotten.has(id),
    };
    const parts = {
      grants: this.grants,
      keys,
      clients,
      upstream: entra.upstream,
      upstreamVerifier: entra.verifier,
      settings,
      ...times,
      randomBytes,
    };
    this.#token = createTokenEndpoint(parts);
    this.#revoke = createRevocation(parts);
    this.#verifier = createGatewayTokenVerifier({ ...parts, log });
  }

  /** A person signs in with the client, which gets a code. */
  async begin(change: Partial<NewGrant> & { readonly objectId?: string } = {}): Promise<string> {
    return value(await this.tryToBegin(change));
  }

  tryToBegin({
    objectId = oid,
    ...change
  }: Partial<NewGrant> & { readonly objectId?: string } = {}) {
    const upstream = this.world.entra.signIn(objectId);
    return this.grants.begin({
      person: this.world.entra.person(upstream),
      upstream,
      client,
      redirectUri,
      scopes: ["user_impersonation"],
      codeChallenge: challengeOf(codeVerifier),
      ...change,
    });
  }

  /** Asks for tokens with a code, as its client does unless `change` says otherwise. */
  redeem(code: string, change: Form = {}): Promise<Told> {
    return this.token({
      grant_type: "authorization_code",
      code,
      client_id: client.id,
      redirect_uri: redirectUri,
      code_verifier: codeVerifier,
      ...change,
    });
  }

  refresh(refreshToken: string, change: Form = {}): Promise<Told> {
    return this.token({
      grant_type: "refresh_token",
      refresh_token: refreshToken,
      client_id: client.id,
      ...change,
    });
  }

  token(form: Form | string | undefined, hasAuthorization = false): Promise<Told> {
    return this.#ask(this.#token, form, hasAuthorization);
  }

  revoke(token: string, change: Form = {}, hasAuthorization = false): Promise<Told> {
    return this.#ask(this.#revoke, { token, client_id: client.id, ...change }, hasAuthorization);
  }

  verify(accessToken: string) {
    return this.#verifier.verify(accessToken);
  }

  /** Ends all that the person has, as their erasure does. */
  async endAll(why: GrantEnd = "person-erased") {
    const found = await this.grants.everyConnectionOf(oid);
    if (!found.ok) return found;
    const { log, clock } = this.world;
    const ending = {
      grants: this.grants,
      log,
      monotonicNow: clock.now,
      correlationId: "erasure-1",
    };
    return endConnections(oid, found.value, why, ending);
  }

  /** What a person's client has after a sign-in. */
  async signedIn(change: Parameters<Instance["begin"]>[0] = {}): Promise<Tokens> {
    const clientId = change.client?.id ?? client.id;
    return tokensOf(await this.redeem(await this.begin(change), { client_id: clientId }));
  }

  async #ask(
    handler: GatewayHandler,
    form: Form | string | undefined,
    hasAuthorization: boolean,
  ): Promise<Told> {
    const text = typeof form === "object" ? encoded(form) : form;
    const answer = await handler({
      method: "POST",
      query: readParameters(""),
      form: text === undefined ? undefined : readParameters(text),
      cookies: new Map(),
      hasAuthorization,
      invocation: { id: "invocation-1", log: this.world.log },
      signal: new AbortController().signal,
    });
    return told(answer);
  }
}

export function challengeOf(verifier: string): string {
  return createHash("sha256").update(verifier).digest("base64url");
}

function encoded(form: Form): string {
  const parameters = new URLSearchParams();
  for (const [name, text] of Object.entries(form)) {
    if (text !== undefined) parameters.append(name, text);
  }
  return parameters.toString();
}

function told({ status, headers, body }: Answer): Told {
  return { status, headers, content: typeof body === "string" ? JSON.parse(body) : {} };
}

/** The tokens of an answer that is expected to have some. */
export function tokensOf({ status, content }: Told): Tokens {
  expect({ status, error: content.error }).toEqual({ status: 200, error: undefined });
  return {
    accessToken: String(content.access_token),
    refreshToken: String(content.refresh_token),
  };
}

/** Status and error code of an answer, to be compared. */
export function errorOf({ status, content }: Told): readonly [number, unknown] {
  return [status, content.error];
}

export const invalidGrant = [400, "invalid_grant"] as const;
export const unavailable = [503, "temporarily_unavailable"] as const;
