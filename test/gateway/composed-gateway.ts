import { createHash, randomUUID } from "node:crypto";
import { z } from "zod";
import { type SignInOptions, signIn } from "../../local/sign-in.ts";
import type { Adapters, App } from "../../src/app.ts";
import { publicNetwork } from "../../src/core/client-documents/network.ts";
import type { Log } from "../../src/core/log.ts";
import { defineDomain } from "../../src/define-domain.ts";
import { getUserDetails } from "../../src/directory/get-user-details.ts";
import { gatewayRoutes } from "../../src/gateway/routes.ts";
import { type Answer, refusal, type SentRequest, tokenAnswer } from "../downstream/fakes.ts";
import { claimsWith, issuer as entraIssuer, type SigningKey, sign } from "../gates/tokens.ts";
import { MemoryKeyStorage } from "../keys/memory-key-storage.ts";
import { type ComposedApp, companyNetwork, composeForTest, host } from "../support/composed.ts";
import { toolCallMessage, toolCallRequest } from "../support/tool-call-request.ts";
import { MemoryContainer } from "./memory-container.ts";

export const gatewayClientId = "cccccccc-0000-4000-8000-000000000003";
export const issuer = `https://${host}/gateway`;
export const resource = `${issuer}/mcp`;
export const objectId = "aaaaaaaa-0000-4000-8000-000000000001";

/** Settings that switch the gateway on. */
export const gatewayOn: Readonly<Record<string, string>> = {
  GATEWAY: "on",
  GATEWAY_CLIENT_ID: gatewayClientId,
  GATEWAY_CLIENT_SECRET: "secret",
  GATEWAY_REGISTRATION: "on",
};

/** One tool, which asks Microsoft Graph on the caller's behalf. */
const domain = defineDomain({
  name: "who",
  title: "Who",
  instructions: "Tells who calls.",
  scopeDescription: "Tell who you are",
  settings: z.object({}),
  containers: {},
  tools: ({ directory }) => [getUserDetails(directory)],
});

/** Sends a request from outside to the endpoint of its path. */
export async function send(
  app: Pick<App, "mcp" | "gateway">,
  input: string | URL | Request,
  init: RequestInit | undefined,
  log: Log,
): Promise<Response> {
  const asked = new Request(input, init);
  const url = new URL(asked.url);
  const headers = new Headers(asked.headers);
  headers.set("host", url.host);
  // The Fetch standard forbids pages to set it; browsers do.
  const cookie = new Headers(init?.headers).get("cookie");
  if (cookie !== null) headers.set("cookie", cookie);
  const path = url.pathname.slice(1);
  const route = gatewayRoutes.find((known) => known.route === path);
  const endpoint = path === "mcp" ? app.mcp : route && (app.gateway?.[route.endpoint] ?? undefined);
  if (!endpoint) return new Response(null, { status: 404 });
  return endpoint(new Request(asked, { headers }), { id: "invocation", log });
}

/** An application with the gateway on, as clients and a person in their browser reach it. */
export interface ComposedGateway extends ComposedApp {
  /** The network of whoever is outside: the application, and the page where people sign in. */
  readonly fetch: typeof fetch;
  /** What the application has asked Entra's token endpoint, in order. */
  readonly asked: SentRequest["form"][];
  /** Whom Entra signs in from now on, and what its tokens say beside. */
  person: Readonly<Record<string, unknown>>;
  /** What Entra's token endpoint answers instead of tokens; undefined for tokens again. */
  entraAnswers: ((form: SentRequest["form"]) => Answer | undefined) | undefined;
  /** Addresses of host names, beside those that everybody can look up. */
  readonly documentHosts: Map<string, readonly string[]>;
  /** Which addresses the server would have asked for clients' documents: none is asked. */
  readonly documentAddresses: string[];
  /** What the gateway's instances share. */
  readonly memory: MemoryContainer;
  readonly keys: MemoryKeyStorage;
  /** Tokens of a client that registers itself and has the person sign in. */
  signIn(options?: Partial<SignInOptions>): ReturnType<typeof signIn>;
  /** Calls the tool. */
  call(token: string, url?: string): Promise<Response>;
  /** Posts a form to an endpoint of the gateway. */
  post(path: string, fields: Readonly<Record<string, string>>): Promise<Response>;
}

export interface ComposedGatewayOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly adapters?: Partial<Adapters>;
  /** Those of another instance, for one that shares them. */
  readonly memory?: MemoryContainer;
  readonly keys?: MemoryKeyStorage;
  /** What Entra signs with; one that all share unless given. */
  readonly signingKey?: SigningKey | undefined;
}

/** What Entra keeps with a code. */
interface SignInAtEntra {
  readonly claims: string | null;
  readonly codeChallenge: string | null;
}

/** Composes the application over a database in memory and an Entra that signs everybody in at once. */
export async function composeGateway({
  environment,
  adapters,
  memory = new MemoryContainer(),
  keys = new MemoryKeyStorage(),
  signingKey,
}: ComposedGatewayOptions = {}): Promise<ComposedGateway> {
  const documentHosts = new Map<string, readonly string[]>();
  const documentAddresses: string[] = [];
  const codes = new Map<string, SignInAtEntra>();
  const tokens = async (claims: string | null | undefined): Promise<Answer> => {
    const { acrs } = JSON.parse(claims ?? "{}").access_token ?? {};
    const now = Math.floor(app.clock.now() / 1000);
    const token = await sign(
      app.key,
      claimsWith({
        azp: gatewayClientId,
        iat: now,
        nbf: now,
        exp: now + 3600,
        // Its registration says that it can handle challenges.
        xms_cc: ["cp1"],
        ...(acrs && { acrs: [acrs.value] }),
        ...gateway.person,
      }),
    );
    const { body } = tokenAnswer(token);
    return { body: { ...(body as object), refresh_token: `refresh-${randomUUID()}` } };
  };
  const app = await composeForTest(domain, {
    key: signingKey,
    environment: { ...gatewayOn, ...environment },
    adapters: {
      openContainer: async () => memory.view().container,
      gatewayKeyStorage: keys,
      // The memory has what another instance wrote at once.
      pause: async () => {},
      documentNetwork: {
        resolve: async (name, signal) =>
          documentHosts.get(name) ?? publicNetwork.resolve(name, signal),
        allows(address) {
          if (publicNetwork.allows(address)) documentAddresses.push(address);
          return false;
        },
      },
      httpClient: companyNetwork({
        async authority({ form }) {
          gateway.asked.push(form);
          const instead = gateway.entraAnswers?.(form);
          if (instead) return instead;
          if (form.grant_type === "authorization_code") {
            const begun = codes.get(form.code ?? "");
            codes.delete(form.code ?? "");
            if (!begun) return refusal(54005);
            const verifier = createHash("sha256").update(form.code_verifier ?? "");
            if (verifier.digest("base64url") !== begun.codeChallenge) return refusal(501481);
            return tokens(begun.claims);
          }
          return form.grant_type === "refresh_token"
            ? tokens(form.claims)
            : tokenAnswer("graph-token");
        },
        graph: () => ({ body: { id: objectId, displayName: "Uma First" } }),
      }),
      ...adapters,
    },
  });
  const log = (_level: string, event: string, fields?: object) => {
    app.events.push({ event, fields: fields as never });
  };

  const ofEntra = ({ searchParams }: URL) => {
    const code = randomUUID();
    codes.set(code, {
      claims: searchParams.get("claims"),
      codeChallenge: searchParams.get("code_challenge"),
    });
    const back = new URL(String(searchParams.get("redirect_uri")));
    back.search = String(new URLSearchParams({ code, state: searchParams.get("state") ?? "" }));
    return new Response(null, { status: 302, headers: { location: back.href } });
  };
  const fetchFrom = async (input: string | URL | Request, init?: RequestInit) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.href.startsWith(entraIssuer.replace("/v2.0", ""))) return ofEntra(url);
    return send(app, input, init, log);
  };
  const gateway: ComposedGateway = Object.assign(app, {
    fetch: fetchFrom,
    asked: [] as SentRequest["form"][],
    documentHosts,
    documentAddresses,
    memory,
    keys,
    person: {},
    entraAnswers: undefined,
    signIn: (options: Partial<SignInOptions> = {}) =>
      signIn({
        issuer,
        username: "nobody is asked",
        scope: "user_impersonation",
        clientName: "Composed",
        resource,
        fetch: fetchFrom,
        ...options,
      }),
    call: (token: string, url = resource) => {
      const revision = "2026-07-28";
      const message = toolCallMessage(revision, { name: "get_user_details" });
      return fetchFrom(toolCallRequest(url, revision, token, message));
    },
    post: (path: string, fields: Readonly<Record<string, string>>) =>
      fetchFrom(`${issuer}/${path}`, { method: "POST", body: new URLSearchParams(fields) }),
  });
  return gateway;
}
