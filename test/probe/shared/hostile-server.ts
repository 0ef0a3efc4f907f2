import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { onTestFinished } from "vitest";
import { listen } from "../../support/listen.ts";

/** An answer: JSON of a value, the text itself, or whatever a function does. */
export type Reply =
  | { readonly json: unknown }
  | { readonly text: string; readonly type?: string }
  | ((response: ServerResponse) => void);

/** What a server answers where; what is left out, it answers as a healthy one would. */
export interface Lies {
  readonly challenge?: string;
  readonly metadata?: Reply;
  readonly discovery?: Reply;
  readonly keys?: Reply;
  /** Of an authorization request. */
  readonly authorize?: Reply;
  readonly health?: Reply;
  readonly readiness?: Reply;
  /** To messages with a token, by method. */
  readonly results?: Readonly<Record<string, Reply>>;
}

interface Asked {
  readonly method: string | undefined;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}

export type HostileServer = Awaited<ReturnType<typeof startHostileServer>>;

const tenant = "7a3c1f58-94d2-4f0e-8b61-0d5e2c9b4a17";
const objectId = "3b1f0a52-6c1d-4d0e-9a57-0f4b8f6f2d11";
const issuerPath = `/${tenant}/v2.0`;

/** A hostile server of one test's own. */
export async function hostileServer(lies: (self: URL) => Lies = () => ({})) {
  const server = await startHostileServer(lies);
  onTestFinished(server.close);
  return server;
}

/** Looks like a healthy server and its authority, but for the lies it is told to tell. */
export async function startHostileServer(lies: (self: URL) => Lies) {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const requests: Asked[] = [];
  const server = createServer((request, response) => {
    const { authorization, cookie } = request.headers;
    requests.push({ method: request.method, path: request.url ?? "", authorization, cookie });
    void answer(request, response);
  });
  const { port, close } = await listen(server);
  const origin = `http://127.0.0.1:${port}`;
  const target = new URL("/mcp", origin);
  const told = lies(target);
  const issuer = `${origin}${issuerPath}`;
  const scope = "api://expenses-abc/user_impersonation";
  const metadataUrl = `${origin}/.well-known/oauth-protected-resource/mcp`;
  const jwk = { ...(await exportJWK(publicKey)), kid: "first", use: "sig", alg: "RS256" };
  const token = await new SignJWT({
    ver: "2.0",
    tid: tenant,
    oid: objectId,
    azp: tenant,
    scp: "user_impersonation",
    sub: "somebody",
  })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: "first" })
    .setIssuer(issuer)
    .setAudience(objectId)
    .setIssuedAt()
    .setNotBefore("-5s")
    .setExpirationTime("1h")
    .sign(privateKey);

  const { metadata, discovery, keys, health, readiness } = told;
  const documents: Readonly<Record<string, Reply>> = {
    "/health": health ?? { json: { status: "ok" } },
    "/health/ready": readiness ?? { json: { dependencies: { entra: "ok" } } },
    "/keys": keys ?? { json: { keys: [jwk] } },
    [`${issuerPath}/.well-known/openid-configuration`]: discovery ?? {
      json: {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${origin}/keys`,
      },
    },
    "/.well-known/oauth-protected-resource": metadata ?? {
      json: { resource: target.href, authorization_servers: [issuer], scopes_supported: [scope] },
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => "");
    const { method, url = "" } = request;
    if (url === "/mcp" && method === "POST") return answerMessage(request, response, body);
    if (url.startsWith(`${issuerPath}/authorize?`)) {
      return reply(response, told.authorize ?? nobodyIsSignedIn(origin, url));
    }
    const document =
      documents[url.replace(/(?<=^\/keys|^\/\.well-known\/oauth-protected-resource).*/, "")];
    if (document) return reply(response, document);
    response.writeHead(url !== "/mcp" ? 404 : method === "OPTIONS" ? 403 : 405).end();
  }

  function answerMessage(request: IncomingMessage, response: ServerResponse, body: string): void {
    if (request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401, {
        "www-authenticate":
          told.challenge ?? `Bearer resource_metadata="${metadataUrl}", scope="${scope}"`,
      });
      response.end();
      return;
    }
    const { method = "" }: { method?: string } = JSON.parse(body);
    const results: Readonly<Record<string, Reply>> = {
      initialize: { json: { result: { protocolVersion: "2025-11-25", serverInfo: {} } } },
      "server/discover": { json: { result: {} } },
      "tools/list": { json: { result: { tools: [{ name: "get_user_details" }] } } },
      "tools/call": { json: { result: { structuredContent: { object_id: objectId } } } },
      ...told.results,
    };
    reply(response, results[method] ?? { json: {} });
  }

  return { target, token, requests, close };
}

/** OpenID Connect Core section 3.1.2.6 */
function nobodyIsSignedIn(origin: string, path: string): Reply {
  const { searchParams } = new URL(path, origin);
  return (response) =>
    response
      .writeHead(302, { location: `${searchParams.get("redirect_uri")}?error=login_required` })
      .end();
}

function reply(response: ServerResponse, what: Reply): void {
  if (typeof what === "function") {
    what(response);
    return;
  }
  const isJson = "json" in what;
  response.setHeader("content-type", isJson ? "application/json" : (what.type ?? "text/plain"));
  response.end(isJson ? JSON.stringify(what.json) : what.text);
}
