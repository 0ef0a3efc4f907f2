import { createHash, randomBytes } from "node:crypto";
import { Caller } from "../../../src/core/caller.ts";
import type { Answer } from "../../../src/core/endpoint.ts";
import { html } from "../../../src/core/html.ts";
import type { LogFields, LogLevel } from "../../../src/core/log.ts";
import { failure, type Result, success } from "../../../src/core/result.ts";
import type { TokenRejection } from "../../../src/gates/token-rejection.ts";
import {
  type AuthorizeOptions,
  createAuthorize,
} from "../../../src/gateway/authorize/authorize.ts";
import { type CallbackOptions, createCallback } from "../../../src/gateway/authorize/callback.ts";
import type { FinishedSignIn } from "../../../src/gateway/authorize/sign-ins.ts";
import { createSignIns } from "../../../src/gateway/authorize/stored-sign-ins.ts";
import type { ClientProblem, GatewayClient } from "../../../src/gateway/clients/clients.ts";
import type { GrantFailure } from "../../../src/gateway/grants/grant-failure.ts";
import type { NewGrant } from "../../../src/gateway/grants/grants.ts";
import type {
  GatewayRequest,
  ParameterProblem,
  Parameters,
} from "../../../src/gateway/http/handler.ts";
import type { EncryptionKey } from "../../../src/gateway/keys/gateway-keys.ts";
import { pageAnswer } from "../../../src/gateway/pages/page.ts";
import { createGatewayStore } from "../../../src/gateway/store/cosmos-records.ts";
import type {
  UpstreamFailure,
  UpstreamTokens,
} from "../../../src/gateway/upstream/upstream-answer.ts";
import { FakeClock } from "../../keys/fake-clock.ts";
import { MemoryKeyStorage } from "../../keys/memory-key-storage.ts";
import { testKeyRing } from "../../keys/test-key-ring.ts";
import { MemoryContainer } from "../memory-container.ts";

export const issuer = "https://mcp.example/gateway";
export const resource = `${issuer}/mcp`;
export const upstreamIssuer = "https://login.example/tenant/v2.0";
export const oid = "aaaaaaaa-0000-4000-8000-000000000001";
export const verifier = "verifier-of-the-client-verifier-of-the-client";
export const codeChallenge = digest(verifier);

export const documentClient: GatewayClient = {
  id: "https://client.example/oauth/client.json",
  kind: "document",
  name: "Example Client",
  domain: "client.example",
  redirectUris: ["https://client.example/callback", "http://127.0.0.1/callback"],
};

export const registeredClient: GatewayClient = {
  id: "registered-1",
  kind: "registered",
  name: "Self-made",
  domain: undefined,
  redirectUris: ["http://localhost/callback", "myeditor://gateway/callback?flow=1"],
};

export interface LogLine extends LogFields {
  readonly level: LogLevel;
  readonly event: string;
}

/** The endpoints of one instance, over fakes of what is around them. */
export class World {
  readonly clock = new FakeClock();
  readonly lines: LogLine[] = [];
  readonly memory = new MemoryContainer();
  readonly keyStorage = new MemoryKeyStorage();
  readonly keyRing = testKeyRing({ clock: this.clock, storage: this.keyStorage });
  readonly clients = new Map<string, GatewayClient>(
    [documentClient, registeredClient].map((client) => [client.id, client]),
  );
  /** What is wrong with every client, if anything. */
  clientProblem: ClientProblem | undefined;
  readonly inUse: string[] = [];
  readonly grants: NewGrant[] = [];
  grantFailure: GrantFailure | undefined;
  demand: string | undefined;
  /** What Entra has been asked with for a code. */
  readonly redeemed: { readonly code: string; readonly codeVerifier: string }[] = [];
  upstreamFailure: UpstreamFailure | undefined;
  tokenRejection: TokenRejection | undefined;
  /** Entra's sign-in page. */
  signInPage = "https://login.example/authorize";
  readonly connections: FinishedSignIn[] = [];
  encryptionKeys: EncryptionKey[] = [{ id: "key-1", secret: randomBytes(32) }];
  storeFails = false;
  keysFail = false;
  /** The database as the instance sees it that answers. */
  container = this.memory.view().container;

  readonly signIns = createSignIns({
    store: createGatewayStore({
      open: async () => {
        if (this.storeFails) throw Object.assign(new Error("down"), { code: "ECONNREFUSED" });
        return this.container;
      },
      now: this.clock.now,
      pause: async () => {},
    }),
    keys: {
      signingKey: unused,
      verificationKey: unused,
      publicKeys: unused,
      encryptionKey: async () => {
        const key = this.encryptionKeys.at(-1);
        return key ? success(key) : failure({ kind: "unavailable", cause: "test" });
      },
      encryptionKeyOf: async (id) =>
        this.keysFail
          ? failure({ kind: "unavailable", cause: "test" })
          : success(this.encryptionKeys.find((key) => key.id === id)),
    },
    upstream: {
      authorizationUrl: ({ state, codeChallenge, claims, isFresh }) =>
        `${this.signInPage}?${new URLSearchParams({
          ...{ state, code_challenge: codeChallenge },
          ...(claims !== undefined && { claims }),
          ...(isFresh && { prompt: "login" }),
        })}`,
      redeemCode: async (code, codeVerifier): Promise<Result<UpstreamTokens, UpstreamFailure>> => {
        this.redeemed.push({ code, codeVerifier });
        if (this.upstreamFailure) return failure(this.upstreamFailure);
        return success({ accessToken: "upstream-access-token", refreshToken: "upstream-refresh" });
      },
      refresh: unused,
    },
    upstreamVerifier: {
      verify: async (token) =>
        this.tokenRejection ? failure(this.tokenRejection) : success(callerWith(token)),
    },
    upstreamIssuer,
    randomBytes,
    now: this.clock.now,
  });

  readonly #options: AuthorizeOptions & CallbackOptions = {
    issuer,
    resource,
    server: { title: "Expenses", scopeDescription: "Read and add your expenses as you" },
    keyRing: this.keyRing,
    signIns: this.signIns,
    clients: {
      find: async (id) => {
        if (this.clientProblem) return failure(this.clientProblem);
        const client = this.clients.get(id);
        return client ? success(client) : failure({ kind: "unknown-client" });
      },
      inUse: async (id) => void this.inUse.push(id),
      isAllowed: () => true,
      isForgotten: async () => false,
    },
    grants: {
      demandOn: async () => (this.grantFailure ? failure(this.grantFailure) : success(this.demand)),
      begin: async (grant) => {
        if (this.grantFailure) return failure(this.grantFailure);
        this.grants.push(grant);
        return success(`gwc_code${this.grants.length}`);
      },
    },
    onConnections: async (signIn) => {
      this.connections.push(signIn);
      const { setCookie } = signIn;
      return pageAnswer({ status: 200, title: "Connections", body: html``, setCookie });
    },
    now: this.clock.now,
    monotonicNow: this.clock.now,
    randomBytes,
  };

  readonly endpoints = {
    authorize: createAuthorize(this.#options),
    callback: createCallback(this.#options),
  };

  audits(action: string): LogLine[] {
    return this.lines.filter(({ event }) => event === `audit.${action}`);
  }

  browser(): Browser {
    return new Browser(this);
  }
}

type Fields = Readonly<Record<string, string | undefined>>;

/** A person's browser: it keeps cookies, and sends back the form that it was shown. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  authorize(changes: Fields = {}): Promise<Answer> {
    return this.get(parameters(authorizeRequest(changes)));
  }

  get(query: GatewayRequest["query"]): Promise<Answer> {
    return this.#send("authorize", { method: "GET", query });
  }

  /** Sends the form that `page` shows. */
  decide(page: Answer, decision: string, changes: Fields = {}): Promise<Answer> {
    return this.post(parameters({ ...formOf(page), decision, ...changes }));
  }

  post(form: GatewayRequest["form"], query: Fields = {}): Promise<Answer> {
    return this.#send("authorize", { method: "POST", query: parameters(query), form });
  }

  /** From the client's request to Entra's sign-in page, and back with a code. */
  async signIn(changes: Fields = {}, answer: Fields = {}): Promise<Answer> {
    const state = await this.consent(changes);
    return this.callback({ state, code: "entra-code", ...answer });
  }

  /** The state that Entra is given after consent. */
  async consent(changes: Fields = {}): Promise<string> {
    const allowed = await this.decide(await this.authorize(changes), "allow");
    return stateOf(allowed);
  }

  callback(answer: Fields): Promise<Answer> {
    return this.comeBack(parameters(answer));
  }

  comeBack(query: GatewayRequest["query"]): Promise<Answer> {
    return this.#send("callback", { method: "GET", query });
  }

  async #send(
    endpoint: "authorize" | "callback",
    request: Pick<GatewayRequest, "method" | "query" | "form">,
  ): Promise<Answer> {
    const answer = await this.#world.endpoints[endpoint]({
      ...request,
      cookies: this.cookies,
      hasAuthorization: false,
      invocation: {
        id: "invocation-1",
        log: (level, event, fields) => this.#world.lines.push({ level, event, ...fields }),
      },
      signal: AbortSignal.timeout(10_000),
    });
    this.keep(answer.headers["set-cookie"]);
    return answer;
  }

  keep(setCookie: string | undefined): void {
    const [, name = "", value = "", age] =
      /^([^=]+)=([^;]*); Max-Age=(\d+);/.exec(setCookie ?? "") ?? [];
    if (age === "0") this.cookies.delete(name);
    else if (name !== "") this.cookies.set(name, value);
  }
}

export function authorizeRequest(changes: Fields): Fields {
  return {
    response_type: "code",
    client_id: documentClient.id,
    redirect_uri: documentClient.redirectUris[0],
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
    state: "state of the client",
    ...changes,
  };
}

export function parameters(fields: Fields): Result<Parameters, ParameterProblem> {
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return success(new Map(present as [string, string][]));
}

/** The hidden fields of the form that a page shows. */
export function formOf({ body }: Answer): Record<string, string> {
  const fields = String(body).matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g);
  return Object.fromEntries(
    [...fields].map(([, name, value]) => [unescaped(name), unescaped(value)]),
  );
}

const characters: Readonly<Record<string, string>> = {
  ...{ "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" },
};

function unescaped(text = ""): string {
  return text.replace(/&[^;]+;/g, (entity) => characters[entity] ?? entity);
}

/** Whether the browser goes on by itself. */
export function leadsOn({ headers }: Answer): boolean {
  return "location" in headers || "refresh" in headers;
}

/** Where it goes on to. */
export function destinationOf({ headers: { refresh } }: Answer): URL {
  if (refresh === undefined) throw new Error("It leads nowhere.");
  return new URL(refresh.replace("0; url=", ""));
}

export function stateOf(answer: Answer): string {
  return destinationOf(answer).searchParams.get("state") ?? "";
}

export function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

function callerWith(accessToken: string): Caller {
  const claims = {
    ...{ objectId: oid, tenantId: "tenant", clientId: "gateway-registration" },
    ...{ scopes: ["user_impersonation"], roles: [], handlesClaimsChallenges: true, expiresAt: 0 },
  };
  return new Caller(claims, accessToken);
}

function unused(): never {
  throw new Error("not used here");
}
