import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { request as send } from "node:https";
import { buffer } from "node:stream/consumers";
import { exportJWK, generateKeyPair } from "jose";
import { errors, Provider } from "oidc-provider";
import { vi } from "vitest";
import { type DocumentHost, documentHost } from "../../support/document-host.ts";
import { listen } from "../../support/listen.ts";
import { type ServerUnderTest, scope } from "../public-client.ts";

export interface Oracle extends ServerUnderTest {
  close(): Promise<void>;
}

/**
 * oidc-provider, set up to do what the gateway does: public clients that may register themselves, S256,
 * refresh tokens that rotate, one resource, revocation, the issuer in answers. Whoever is asked lets
 * everybody in, without a page.
 *
 * @param documents where clients have theirs
 */
export async function startOracle(documents: DocumentHost): Promise<Oracle> {
  let provider: Provider;
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    if (!request.url?.startsWith("/interaction/")) return provider.callback()(request, response);
    const { params } = await provider.interactionDetails(request, response);
    const denied = { error: "access_denied" };
    const result = server.denies ? denied : await allowed(provider, params.client_id, server);
    await provider.interactionFinished(request, response, result);
  };
  const { port, close } = await listen(
    createServer((request, response) => {
      respond(request, response).catch((error) => response.writeHead(500).end(String(error)));
    }),
  );
  const origin = `http://127.0.0.1:${port}`;
  const server: Oracle = {
    issuer: origin,
    resource: `${origin}/mcp`,
    endpoints: {
      authorize: `${origin}/authorize`,
      token: `${origin}/token`,
      revoke: `${origin}/revoke`,
      register: `${origin}/register`,
    },
    denies: false,
    wait: (seconds) => vi.setSystemTime(Date.now() + seconds * 1000),
    fetch,
    async close() {
      vi.useRealTimers();
      await close();
    },
  };
  // It warns of its own store in memory, which is all that a test needs.
  const warnings = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  provider = new Provider(origin, await configuration(server, documents));
  warnings.mockRestore();
  return server;
}

async function allowed(provider: Provider, clientId: string | undefined, server: ServerUnderTest) {
  const accountId = "a-person";
  const grant = new provider.Grant({ accountId, clientId });
  grant.addResourceScope(server.resource, scope);
  return { login: { accountId }, consent: { grantId: await grant.save() } };
}

async function ownTokens(
  _context: unknown,
  client: { readonly clientId: string },
  token: { readonly clientId: string },
): Promise<boolean> {
  return token.clientId === client.clientId;
}

/** As much of `fetch` as documents need, of a host with a certificate that nobody else knows. */
function fetchOf({ network }: DocumentHost) {
  return async (input: string | URL): Promise<Response> => {
    const { hostname, host, port, pathname, search } = new URL(input);
    if (hostname !== documentHost) throw new TypeError("fetch failed");
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const where = { host: "127.0.0.1", port, servername: hostname, path: pathname + search };
    const options = { ...where, headers: { host }, ca: network.certificateAuthorities };
    send(options).once("response", resolve).once("error", reject).end();
    const answer = await promise;
    const headers = { "content-type": answer.headers["content-type"] ?? "" };
    return new Response(await buffer(answer), { status: answer.statusCode ?? 0, headers });
  };
}

async function configuration(server: ServerUnderTest, documents: DocumentHost) {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const key = { ...(await exportJWK(privateKey)), alg: "ES256", use: "sig", kid: "a-key" };
  const page = (text: string) => `<!doctype html><title>Oracle</title><p>${text}</p>`;
  return {
    jwks: { keys: [key] },
    scopes: [],
    responseTypes: ["code"],
    clientAuthMethods: ["none"],
    clientDefaults: {
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      id_token_signed_response_alg: "ES256",
    },
    enabledJWA: { idTokenSigningAlgValues: ["ES256"] },
    cookies: { keys: ["a-cookie-key"] },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    issueRefreshToken: async () => true,
    ttl: {
      AuthorizationCode: 60,
      AccessToken: 600,
      RefreshToken: 14 * 86_400,
      Grant: 90 * 86_400,
      Interaction: 600,
      Session: 600,
    },
    interactions: {
      url: (_context: unknown, { uid }: { readonly uid: string }) =>
        `${server.issuer}/interaction/${uid}`,
    },
    routes: {
      authorization: "/authorize",
      token: "/token",
      revocation: "/revoke",
      registration: "/register",
    },
    findAccount: async (_context: unknown, accountId: string) => ({
      accountId,
      claims: async () => ({ sub: accountId }),
    }),
    renderError: async (
      context: { type: string; body: string },
      { error }: { readonly error: string },
    ) => {
      context.type = "html";
      context.body = page(error);
    },
    fetch: fetchOf(documents),
    features: {
      clientIdMetadataDocument: { enabled: true, ack: "draft-02" },
      devInteractions: { enabled: false },
      registration: { enabled: true },
      revocation: { enabled: true, allowedPolicy: ownTokens },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: async () => server.resource,
        useGrantedResource: async () => true,
        getResourceServerInfo: async (_context: unknown, indicator: string) => {
          if (indicator !== server.resource) throw new errors.InvalidTarget();
          return {
            scope,
            audience: server.resource,
            accessTokenTTL: 600,
            accessTokenFormat: "jwt",
            jwt: { sign: { alg: "ES256" } },
          };
        },
      },
    },
  };
}
