import { createPrivateKey, createPublicKey, type JsonWebKey } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text as readText } from "node:stream/consumers";
import { SignJWT } from "jose";
import { parseObject } from "../../../probe/shared/exchange.ts";
import { listen } from "../../support/listen.ts";
import type { Defect } from "./defects.ts";
import { readCredential } from "./weakened-credentials.ts";
import {
  type Addresses,
  challengeHeader,
  metadataDocument,
  wellKnownPath,
} from "./weakened-documents.ts";
import { createTokenCheck, type TokenCheck } from "./weakened-token-check.ts";

export type WeakenedServer = Awaited<ReturnType<typeof startWeakenedServer>>;

export interface WeakenedServerOptions {
  /** RSA or P-256. */
  readonly signingKey: JsonWebKey;
  readonly defects?: readonly Defect[];
  /** Answers 429 to every request but the first so many. */
  readonly requestLimit?: number;
}

const tenantId = "22222222-0000-4000-8000-000000000002";
const clientId = "33333333-0000-4000-8000-000000000003";
const keyId = "the-authority";
const allowedOrigin = "https://app.contoso.example";
const bodyLimit = 128 * 1024;
const headerLimit = 16 * 1024;
const allowedHeaders = "Authorization, Content-Type, Accept, MCP-Protocol-Version, Mcp-Method";

/** A small MCP server with its own authority, which does everything right but for the defects. */
export async function startWeakenedServer(options: WeakenedServerOptions) {
  const { signingKey, defects = [] } = options;
  const has = (defect: Defect): boolean => defects.includes(defect);
  const server = createServer({ maxHeaderSize: 256 * 1024 });
  const { port, close } = await listen(server);
  const origin = `http://127.0.0.1:${port}`;
  const addresses: Addresses = {
    origin,
    resource: `${origin}/mcp`,
    issuer: `${origin}/${tenantId}/v2.0`,
    identifierUri: "api://weakened",
    scope: "user_impersonation",
  };
  const privateKey = createPrivateKey({ key: signingKey, format: "jwk" });
  const algorithm = signingKey.kty === "EC" ? "ES256" : "RS256";
  const expected = { ...addresses, audience: clientId, tenantId, keyId, algorithm, privateKey };
  const publicKey = createPublicKey(privateKey).export({ format: "jwk" });
  const check = createTokenCheck({ ...expected, algorithm }, has);
  const handle = createHandler(addresses, check, { ...publicKey, kid: keyId, use: "sig" }, options);
  server.on("request", (request, response) => void handle(request, response));

  const mint = (lifetime: number) =>
    new SignJWT({
      iss: addresses.issuer,
      aud: clientId,
      tid: tenantId,
      oid: "44444444-0000-4000-8000-000000000004",
      azp: "55555555-0000-4000-8000-000000000005",
      sub: "somebody",
      scp: addresses.scope,
      ver: "2.0",
    })
      .setProtectedHeader({ alg: algorithm, typ: "JWT", kid: keyId })
      .setIssuedAt("-2h")
      .setNotBefore("-2h")
      .setExpirationTime(Math.floor(Date.now() / 1000) + lifetime)
      .sign(privateKey);
  return {
    target: new URL(addresses.resource),
    token: await mint(3600),
    expiredToken: await mint(-3600),
    /** What its authority signs with. */
    signingKey,
    allowedOrigin,
    /** In bytes. */
    bodyLimit,
    close,
  };
}

const aPage = {
  status: 200,
  headers: { "content-type": "text/html" },
  body: "<!doctype html><title>Contoso</title>",
};

interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Answers requests as the server and its authority do. */
function createHandler(
  addresses: Addresses,
  check: TokenCheck,
  publicKey: JsonWebKey,
  { defects = [], requestLimit = Number.POSITIVE_INFINITY }: WeakenedServerOptions,
) {
  const has = (defect: Defect): boolean => defects.includes(defect);
  let requestsLeft = requestLimit;
  let isLockedOut = false;

  return async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", addresses.origin);
    const reply = await route(url, request);
    if (reply === "never") return;
    const { status, headers = {}, body } = reply;
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    response.writeHead(status, {
      ...(typeof body === "object" ? { "content-type": "application/json" } : {}),
      ...headers,
    });
    response.end(text);
  };

  async function route(url: URL, request: IncomingMessage): Promise<Reply | "never"> {
    if (url.pathname === "/mcp") return mcp(url, request);
    if (url.pathname === `${wellKnownPath}/mcp`) {
      if (has("metadata-is-a-page")) return aPage;
      return has("no-metadata-at-path") ? { status: 404 } : metadata(request, {});
    }
    if (url.pathname === wellKnownPath) {
      if (has("no-metadata-at-root")) return { status: 404 };
      return metadata(request, has("metadata-differs") ? { resource_name: "X" } : {});
    }
    if (url.pathname === "/page") return aPage;
    if (url.pathname === "/keys") return { status: 200, body: { keys: [publicKey] } };
    return url.pathname.includes("/.well-known/") ? issuerDocument(url) : { status: 404 };
  }

  function metadata(request: IncomingMessage, changes: object): Reply {
    const document = metadataDocument(addresses, baseOf(request), has);
    return {
      status: 200,
      headers: {
        "content-type": has("metadata-as-text") ? "text/html" : "application/json",
        ...(has("metadata-not-cross-origin") ? {} : { "access-control-allow-origin": "*" }),
      },
      body: { ...document, ...changes },
    };
  }

  function issuerDocument({ pathname }: URL): Reply {
    if (has("issuer-document-missing")) return { status: 404 };
    const { origin, issuer } = addresses;
    const named = has("issuer-with-query") ? `${issuer}?p=signin` : issuer;
    // As Entra does at the address that is everybody's.
    const template = `${origin}/{tenantid}/v2.0`;
    const isOther = pathname.includes("/common") || has("issuer-document-differs");
    return {
      status: 200,
      body: {
        issuer: isOther ? template : named,
        jwks_uri: `${origin}/${has("issuer-without-keys") ? "nowhere" : "keys"}`,
      },
    };
  }

  /** The origin that absolute URLs begin with. */
  function baseOf({ headers }: IncomingMessage): string {
    const forwarded = headers["x-forwarded-host"];
    if (forwarded && has("believes-forwarded-host")) return `http://${forwarded}`;
    if (has("metadata-from-host")) return `http://${headers.host}`;
    return addresses.origin;
  }

  async function mcp(url: URL, request: IncomingMessage): Promise<Reply | "never"> {
    if (requestsLeft <= 0) return { status: 429, headers: { "retry-after": "0" } };
    requestsLeft -= 1;
    const { origin } = request.headers;
    const isPreflight =
      request.method === "OPTIONS" && request.headers["access-control-request-method"];
    if (isForeign(request)) {
      return isPreflight && has("foreign-preflight")
        ? share(origin, preflight())
        : { status: 403, body: { error: "forbidden" } };
    }
    if (isPreflight && !has("preflight-needs-token")) {
      return share(origin, preflight());
    }
    const byMethod = replyByMethod(request);
    if (byMethod === "never") return byMethod;
    return share(origin, byMethod ?? (await post(url, request)));
  }

  function isForeign({ headers, rawHeaders }: IncomingMessage): boolean {
    const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && /^host$/i.test(name));
    if (hosts.length > 1 && !has("two-hosts")) return true;
    const isOurs = headers.host === new URL(addresses.origin).host;
    if (!isOurs && !has("foreign-host")) return true;
    const { origin } = headers;
    return origin !== undefined && origin !== allowedOrigin && !has("foreign-origin");
  }

  function preflight(): Reply {
    return {
      status: 204,
      headers: {
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": has("preflight-lacks-headers") ? "*" : allowedHeaders,
      },
    };
  }

  function share(origin: string | undefined, reply: Reply): Reply {
    if (origin === undefined) return reply;
    return {
      ...reply,
      headers: {
        ...reply.headers,
        vary: "Origin",
        "access-control-allow-origin": origin,
        ...(has("invites-cookies") ? { "access-control-allow-credentials": "true" } : {}),
        ...(has("exposes-nothing") ? {} : { "access-control-expose-headers": "WWW-Authenticate" }),
      },
    };
  }

  function replyByMethod(request: IncomingMessage): Reply | "never" | undefined {
    const { method } = request;
    if (method === "POST") return undefined;
    if (method === "OPTIONS") return refusal(request, undefined);
    if (method === "GET" && has("get-hangs")) return "never";
    if (method === "GET" && has("get-streams")) {
      return { status: 200, headers: { "content-type": "text/event-stream" }, body: ":\n\n" };
    }
    if (method === "HEAD" && has("head-served")) return { status: 200 };
    if (method === "DELETE" && has("delete-served")) return { status: 204 };
    if (method === "TRACE" && has("trace-repeats")) {
      return { status: 200, headers: { "content-type": "message/http" }, body: "TRACE /mcp" };
    }
    return {
      status: 405,
      ...(has("no-allow") ? {} : { headers: { allow: "POST, OPTIONS" } }),
      body: { error: "method_not_allowed" },
    };
  }

  async function post(url: URL, request: IncomingMessage): Promise<Reply> {
    const length = request.rawHeaders.join("").length;
    if (length > headerLimit && !has("no-header-limit")) {
      // As if it counted failed sign-ins against the person and not against whoever tries.
      isLockedOut ||= has("locks-out") && !/x-authsuite/i.test(request.rawHeaders.join());
      const isToken = !/x-authsuite/i.test(request.rawHeaders.join());
      return { status: isToken && has("fails-on-long-token") ? 500 : 431 };
    }
    const early = revealed(request);
    if (early) return early;
    const token = isForm(request)
      ? new URLSearchParams(await readText(request)).get("access_token")
      : readCredential(url, request, has);
    const isNamed = request.headers["x-ms-client-principal"] !== undefined;
    if (isNamed && has("believes-identity-headers")) return serve(request);
    if (token === null) return refusal(request, undefined);
    if (token === "" && has("accepts-no-token")) return serve(request);
    if (token === "fails") return { status: 500 };
    if (token === "malformed" || isLockedOut) {
      return refusal(request, "invalid_token");
    }
    const verdict = await check(token);
    if (verdict === "accepted") return serve(request);
    if (verdict === "unreadable" && has("bad-token-is-500")) {
      return { status: 500, headers: { "cache-control": "no-store" } };
    }
    const isScope = verdict === "lacks-scope" && !has("scope-refused-with-401");
    return refusal(request, isScope ? "insufficient_scope" : "invalid_token");
  }

  function isForm({ headers }: IncomingMessage): boolean {
    return Boolean(headers["content-type"]?.includes("form")) && has("token-in-form");
  }

  /** What it says before it knows who asks. */
  function revealed(request: IncomingMessage): Reply | undefined {
    const { authorization } = request.headers;
    const method = request.headers["mcp-method"];
    const name = request.headers["mcp-name"];
    const isUnknown =
      (method === "authsuite/unknown-method" && has("reveals-methods")) ||
      (name === "authsuite_unknown_tool" && has("reveals-tools"));
    return authorization === undefined && isUnknown
      ? { status: 404, headers: { "cache-control": "no-store" } }
      : undefined;
  }

  function refusal(
    request: IncomingMessage,
    error: "invalid_token" | "insufficient_scope" | undefined,
  ): Reply {
    const isForbidden =
      error === "insufficient_scope" ||
      (error === undefined && has("forbidden-without-credentials"));
    const challenge = challengeHeader(addresses, baseOf(request), error, has);
    return {
      status: isForbidden ? 403 : 401,
      headers: {
        "cache-control": has("cacheable-challenge") ? "public, max-age=60" : "no-store",
        ...(challenge === undefined ? {} : { "www-authenticate": challenge }),
      },
      body: {
        error: error ?? "unauthorized",
        ...(has("echoes-token") ? { got: request.headers.authorization } : {}),
        ...(has("shows-stack") ? { detail: new Error("refused").stack } : {}),
      },
    };
  }

  async function serve(request: IncomingMessage): Promise<Reply> {
    const declared = Number(request.headers["content-length"] ?? 0);
    const noStore = { "cache-control": "no-store" };
    if (declared > bodyLimit && !has("no-body-limit")) return { status: 413, headers: noStore };
    const text = await readText(request);
    const isUnlimited = has("no-body-limit") || has("no-chunked-limit");
    if (text.length > bodyLimit && !isUnlimited) return { status: 413, headers: noStore };
    if (text.includes("[[[[[[[[") && has("fails-on-deep-json")) return { status: 500 };
    const message = parseObject(text);
    if (!message) return { status: 400, headers: noStore };
    const tool = { name: "list_things", annotations: { readOnlyHint: true } };
    const result = message.method === "tools/list" ? { tools: [tool] } : {};
    return {
      status: 200,
      headers: has("cacheable-answers") ? { "cache-control": "max-age=60" } : noStore,
      body: { jsonrpc: "2.0", id: message.id, result },
    };
  }
}
