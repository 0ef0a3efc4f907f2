import type { JWTHeaderParameters, JWTPayload } from "jose";
import { createClientDocuments } from "../../src/core/client-documents/documents.ts";
import type { DocumentNetwork } from "../../src/core/client-documents/network.ts";
import { redirectUriProblem } from "../../src/core/redirect-uri.ts";
import type { Pair } from "../certificate.ts";
import { AgentIdentities } from "./client-documents/agents.ts";
import { Clients } from "./clients/clients.ts";
import type { AuthorityLog, Context, Outage } from "./context.ts";
import { type AccountChange, changeAccount, type DemandRequest, makeDemand } from "./controls.ts";
import { DeviceCodes } from "./device/device-codes.ts";
import { endpointPaths, issuerOf } from "./discovery.ts";
import { ExpiringMap } from "./expiring-map.ts";
import { type Handler, startLocalhostServer } from "./localhost-server.ts";
import { Refusal } from "./refusal.ts";
import { createRouter } from "./router.ts";
import { parseScopes } from "./scopes.ts";
import { openState } from "./state.ts";
import { localTenant, type Tenant } from "./tenant.ts";
import { generateSigningKey, openSigningKey } from "./tokens/keys.ts";
import { refreshTokens } from "./tokens/refresh-tokens.ts";
import { Sessions } from "./tokens/sessions.ts";
import { accessTokenClaims } from "./tokens/tokens.ts";

export interface AuthorityOptions {
  /** Default: the directory of the laptop stack. */
  readonly tenant?: Tenant;
  /** Of the front channel, for browsers and MCP clients. 0, the default, takes a free one. */
  readonly httpPort?: number;
  /** Of the back channel, for MSAL and `@azure/identity`. 0, the default, takes a free one. */
  readonly httpsPort?: number;
  /** Of the back channel, for `localhost` and `127.0.0.1`. */
  readonly certificate: Pair;
  /** Keeps keys and registered clients across restarts. Without it they are kept in memory. */
  readonly dataDirectory?: string;
  /**
   * Whether the API's registration has a claims mapping: then its tokens are signed with a key of its
   * own, which the keys endpoint shows only to those who ask with `appid`.
   */
  readonly claimsMapping?: boolean;
  /** Seconds between a client's polls for a device code. Default: 5, as in Entra. */
  readonly deviceCodeInterval?: number;
  /** Clients whose id is the URL of a document that describes them. They are always accepted. */
  readonly clientDocuments?: {
    /** Whether discovery says so; clients that can then prefer it to registering. Default: no. */
    readonly advertised?: boolean | undefined;
    /** Whether they wait for the administrator. `POST /_local/client-documents` changes it. */
    readonly administratorGrants?: boolean | undefined;
    /** How documents are fetched: from public addresses alone, unless a test gives its own. */
    readonly network?: DocumentNetwork | undefined;
  };
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly log?: AuthorityLog;
}

/** A running authority. */
export interface Authority {
  /** `ENTRA_ISSUER`: `iss` of callers' tokens, and where MCP clients find the authority. */
  readonly issuer: string;
  /** `ENTRA_AUTHORITY_HOST`: `https://localhost:PORT`, for MSAL. */
  readonly authorityHost: string;
  /** `iss` of the tokens of the managed identity. */
  readonly httpsIssuer: string;
  /** The key set over plain http, for what verifies tokens locally. */
  readonly keysUrl: string;
  readonly tenant: Tenant;
  /**
   * An access token as VS Code gets it for the first account that is no administrator, but for what
   * the overrides change: for tests of what is good and bad about tokens.
   */
  issueAccessToken(overrides?: AccessTokenOverrides): Promise<string>;
  /** Signs any claims at all with the authority's key. */
  signToken(claims: JWTPayload): Promise<string>;
  /**
   * Makes an account's exchanges or refreshes fail. `POST /_local/demands` does the same from outside.
   *
   * @throws {Error} for an account that does not exist
   */
  demand(request: DemandRequest): void;
  /**
   * Revokes an account's sign-ins, disables it or enables it. `POST /_local/accounts` does the same from
   * outside.
   *
   * @throws {Error} for an account that does not exist
   */
  change(request: AccountChange): Promise<void>;
  /** Makes endpoints answer 503. `POST /_local/outage` does the same from outside. */
  setOutage(outage: Partial<Outage>): void;
  close(): Promise<void>;
}

export interface AccessTokenOverrides {
  readonly username?: string;
  readonly clientId?: string;
  /** Replaces claims; `undefined` leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Replaces header parameters. */
  readonly header?: Partial<JWTHeaderParameters>;
}

/** Milliseconds that a sign-in page can be left open. */
const signInLifetime = 15 * 60 * 1000;
/** Milliseconds for which an authorization code is remembered, used or not. */
const codeMemory = 60 * 60 * 1000;
const capacity = 1000;

/**
 * Starts the laptop stack's stand-in for Microsoft Entra. It listens on loopback alone, twice: over
 * plain http for browsers and MCP clients, which need no certificate then, and over https for
 * Microsoft's libraries, which insist on it. One key set, two issuers.
 *
 * @throws when a port is taken or `dataDirectory` holds something else
 */
export async function startAuthority(options: AuthorityOptions): Promise<Authority> {
  const { tenant = localTenant, certificate, now = Date.now, clientDocuments = {} } = options;
  const store = await openState(options.dataDirectory);
  const key = await openSigningKey(store.state.signingKey);
  const apiKey = options.claimsMapping ? await openSigningKey(await generateSigningKey()) : key;

  const handler = Promise.withResolvers<Handler>();
  const front = await startLocalhostServer({
    part: "Entra authority",
    port: options.httpPort ?? 0,
    handler: handler.promise,
  });
  const back = await startLocalhostServer({
    part: "Entra authority",
    port: options.httpsPort ?? 0,
    certificate,
    handler: handler.promise,
  }).catch(async (cause: unknown) => {
    await front.close();
    throw cause;
  });

  const context: Context = {
    tenant,
    issuer: issuerOf(front.origin, tenant.id),
    httpsIssuer: issuerOf(back.origin, tenant.id),
    key,
    apiKey,
    clients: new Clients(tenant, store, now),
    clientDocuments: createClientDocuments({
      redirectUriProblem,
      network: clientDocuments.network,
      now: options.now ?? (() => performance.now()),
    }),
    agents: new AgentIdentities(store),
    advertisesClientDocuments: clientDocuments.advertised ?? false,
    refreshTokens: refreshTokens(store.state.sealingKey, now),
    sessions: new Sessions(store),
    pendingSignIns: new ExpiringMap({ lifetime: signInLifetime, capacity, now }),
    codes: new ExpiringMap({ lifetime: codeMemory, capacity, now }),
    deviceCodes: new DeviceCodes({ interval: options.deviceCodeInterval ?? 5, now }),
    controls: {
      demands: { exchange: new Map(), refresh: new Map() },
      disabledAccounts: new Set(),
      outage: { keys: false, token: false },
      administratorGrants: clientDocuments.administratorGrants ?? false,
    },
    now,
    log: (event, fields) => options.log?.(event, loggable(fields)),
  };
  handler.resolve(createRouter(context));

  return {
    issuer: context.issuer,
    authorityHost: back.origin,
    httpsIssuer: context.httpsIssuer,
    keysUrl: `${front.origin}/${tenant.id}${endpointPaths.keys}`,
    tenant,
    issueAccessToken: (overrides = {}) => issueAccessToken(context, overrides),
    signToken: (claims) => key.sign(claims),
    demand: (request) => {
      const problem = makeDemand(context, request);
      if (problem !== undefined) throw new Error(problem);
    },
    change: async (request) => {
      const problem = await changeAccount(context, request);
      if (problem !== undefined) throw new Error(problem);
    },
    setOutage: ({ keys = false, token = false }) => {
      context.controls.outage = { keys, token };
    },
    close: async () => {
      await Promise.all([front.close(), back.close()]);
    },
  };
}

async function issueAccessToken(
  context: Context,
  { username, clientId, claims, header }: AccessTokenOverrides,
): Promise<string> {
  const { tenant, issuer, apiKey } = context;
  const account = tenant.accounts.find((known) =>
    username === undefined
      ? !known.groups.includes(tenant.adminGroupId)
      : known.username === username,
  );
  const client = context.clients.find(clientId ?? tenant.publicClients[0]?.clientId ?? "");
  if (!account || !client) throw new Error("There is no such account or client.");
  const scopes = parseScopes(tenant, `${tenant.api.identifierUri}/${tenant.api.scope}`);
  if (scopes instanceof Refusal) throw new Error(scopes.description);
  const grant = {
    account,
    client,
    authentication: "none" as const,
    scopes,
    claims: {},
    session: context.sessions.currentOf(account),
  };
  const standard = accessTokenClaims(tenant, grant, issuer, context.now());
  return apiKey.sign({ ...standard, ...claims }, header);
}

/** Characters of a field of the log, which a stranger's text may stand in. */
const longestField = 1_000;

/** Without what acts on a terminal, also where it reads JSON. */
function loggable(fields: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [
      name,
      text.slice(0, longestField).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?"),
    ]),
  );
}
