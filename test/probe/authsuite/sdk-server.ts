import { createPrivateKey, createPublicKey, type JsonWebKey } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import {
  createMcpHandler,
  getOAuthProtectedResourceMetadataUrl,
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  McpServer,
  OAuthError,
  OAuthErrorCode,
  oauthMetadataResponse,
  originValidationResponse,
  requireBearerAuth,
} from "@modelcontextprotocol/server";
import { createLocalJWKSet, jwtVerify, SignJWT } from "jose";
import { z } from "zod";
import { listen } from "../../support/listen.ts";

const keyId = "the-authority";

/**
 * An MCP server from the official SDK's own helpers, put together as their documentation does, with
 * a verifier that leaves nothing out.
 *
 * @param signingKey of P-256
 */
export async function startSdkServer(signingKey: JsonWebKey) {
  const server = createServer();
  const { port, close } = await listen(server);
  const issuer = `http://localhost:${port}`;
  const target = new URL("/mcp", issuer);

  const privateKey = createPrivateKey({ key: signingKey, format: "jwk" });
  const publicKey = createPublicKey(privateKey).export({ format: "jwk" });
  const keys = { keys: [{ ...publicKey, kid: keyId, use: "sig", alg: "ES256" }] };
  const keySet = createLocalJWKSet(keys);
  const metadata = {
    resourceServerUrl: target,
    scopesSupported: ["mcp"],
    dangerouslyAllowInsecureIssuerUrl: true,
    oauthMetadata: {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/keys`,
      response_types_supported: ["code"],
    },
  };
  const gate = requireBearerAuth({
    requiredScopes: ["mcp"],
    expectedResource: target,
    resourceMetadataUrl: getOAuthProtectedResourceMetadataUrl(target),
    verifier: {
      async verifyAccessToken(token) {
        const verified = await jwtVerify(token, keySet, {
          issuer,
          audience: target.href,
          algorithms: ["ES256"],
          typ: "at+jwt",
          requiredClaims: ["exp", "sub", "client_id", "scope"],
        }).catch(() => {
          // As verifiers say it that name the time.
          const words = "The token is not valid, or expired at 2026-11-21T03:50:37Z.";
          throw new OAuthError(OAuthErrorCode.InvalidToken, words);
        });
        const { client_id: clientId, scope, exp: expiresAt } = verified.payload;
        if (verified.payload.cnf) {
          throw new OAuthError(OAuthErrorCode.InvalidToken, "The token is bound to a key.");
        }
        return {
          token,
          clientId: String(clientId),
          scopes: String(scope).split(" "),
          expiresAt: Number(expiresAt),
          resource: target,
        };
      },
    },
  });
  const handler = createMcpHandler(() => {
    const mcp = new McpServer({ name: "foreign", version: "1.0.0" });
    const annotations = { readOnlyHint: true };
    mcp.registerTool("greet", { annotations, inputSchema: z.object({}) }, async () => ({
      content: [{ type: "text", text: "Hello" }],
    }));
    return mcp;
  });

  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/keys") return Response.json(keys);
    const refused =
      hostHeaderValidationResponse(request, localhostAllowedHostnames()) ??
      oauthMetadataResponse(request, metadata) ??
      originValidationResponse(request, localhostAllowedOrigins());
    if (refused) return refused;
    if (pathname !== "/mcp") return new Response(null, { status: 404 });
    const caller = await gate(request);
    return caller instanceof Response ? caller : handler.fetch(request, { authInfo: caller });
  }

  server.on("request", (incoming, outgoing) => {
    void webRequest(incoming)
      .then((request) => (request ? answer(request) : new Response(null, { status: 501 })))
      .then(async (response) => {
        outgoing.writeHead(response.status, Object.fromEntries(response.headers));
        outgoing.end(Buffer.from(await response.arrayBuffer()));
      });
  });

  const token = new SignJWT({ scope: "mcp", client_id: "somebody's client" })
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: keyId })
    .setIssuer(issuer)
    .setAudience(target.href)
    .setSubject("somebody")
    .setIssuedAt()
    .setExpirationTime("1h")
    .sign(privateKey);
  return { target, token: await token, close };
}

/** @returns nothing for a method that no `Request` may have, such as `TRACE` */
async function webRequest(incoming: IncomingMessage): Promise<Request | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const { method = "GET", headers, url = "/" } = incoming;
  const body = method === "GET" || method === "HEAD" ? {} : { body: Buffer.concat(chunks) };
  try {
    return new Request(new URL(url, `http://${headers.host}`), {
      method,
      headers: Object.entries(headers).map(([name, value]) => [name, String(value)]),
      ...body,
    });
  } catch {
    return undefined;
  }
}
