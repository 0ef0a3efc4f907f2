import { createPrivateKey, createPublicKey, type JsonWebKey } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { SignJWT } from "jose";
import { listen } from "../shared/listen.ts";
import type { Defect } from "./defects.ts";
import { readCredential } from "./weakened-credentials.ts";
import {
  type Addresses,
  challengeHeader,
  metadataDocument,
  wellKnownPath,
} from "./weakened-documents.ts";
import { WeakenedTokenCheck } from "./weakened-token-check.ts";

/** A small MCP server with its own authority, which does everything right but for the defects. */
export interface WeakenedServer {
  readonly target: URL;
  /** What it accepts. */
  readonly token: string;
  readonly expiredToken: string;
  /** What its authority signs with. */
  readonly signingKey: JsonWebKey;
  readonly allowedOrigin: string;
  /** In bytes. */
  readonly bodyLimit: number;
  close(): Promise<void>;
}

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

export async function startWeakenedServer(options: WeakenedServerOptions): Promise<WeakenedServer> {
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
  const check = new WeakenedTokenCheck(
    { ...addresses, audience: clientId, tenantId, keyId, algorithm, privateKey },
    has,
  );
  const publicKey = createPublicKey(privateKey).export({ format: "jwk" });
  const handler = new Handler(addresses, check, { ...publicKey, kid: keyId, use: "sig" }, options);
  server.on("request", (request, response) => void handler.handle(request, response));

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
    signingKey,
    allowedOrigin,
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

class Handler {
  readonly #addresses: Addresses;
  readonly #check: WeakenedTokenCheck;
  readonly #publicKey: JsonWebKey;
  readonly #has: (defect: Defect) => boolean;
  #requestsLeft: number;
  #isLockedOut = false;

  constructor(
    addresses: Addresses,
    check: WeakenedTokenCheck,
    publicKey: JsonWebKey,
    { defects = [], requestLimit = Number.POSITIVE_INFINITY }: WeakenedServerOptions,
  ) {
    this.#addresses = addresses;
    this.#check = check;
    this.#publicKey = publicKey;
    this.#has = (defect) => defects.includes(defect);
    this.#requestsLeft = requestLimit;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "", this.#addresses.origin);
    const reply = await this.#route(url, request);
    if (reply === "never") return;
    const { status, headers = {}, body } = reply;
    const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    response.writeHead(status, {
      ...(typeof body === "object" ? { "content-type": "application/json" } : {}),
      ...headers,
    });
    response.end(text);
  }

  async #route(url: URL, request: IncomingMessage): Promise<Reply | "never"> {
    if (url.pathname === "/mcp") return this.#mcp(url, request);
    if (url.pathname === `${wellKnownPath}/mcp`) {
      if (this.#has("metadata-is-a-page")) return aPage;
      return this.#has("no-metadata-at-path") ? { status: 404 } : this.#metadata(request, {});
    }
    if (url.pathname === wellKnownPath) {
      if (this.#has("no-metadata-at-root")) return { status: 404 };
      return this.#metadata(request, this.#has("metadata-differs") ? { resource_name: "X" } : {});
    }
    if (url.pathname === "/page") return aPage;
    if (url.pathname === "/keys") return { status: 200, body: { keys: [this.#publicKey] } };
    return url.pathname.includes("/.well-known/") ? this.#issuerDocument(url) : { status: 404 };
  }

  #metadata(request: IncomingMessage, changes: object): Reply {
    const document = metadataDocument(this.#addresses, this.#baseOf(request), this.#has);
    return {
      status: 200,
      headers: {
        "content-type": this.#has("metadata-as-text") ? "text/html" : "application/json",
        ...(this.#has("metadata-not-cross-origin") ? {} : { "access-control-allow-origin": "*" }),
      },
      body: { ...document, ...changes },
    };
  }

  #issuerDocument({ pathname }: URL): Reply {
    if (this.#has("issuer-document-missing")) return { status: 404 };
    const { origin, issuer } = this.#addresses;
    const named = this.#has("issuer-with-query") ? `${issuer}?p=signin` : issuer;
    // As Entra does at the address that is everybody's.
    const template = `${origin}/{tenantid}/v2.0`;
    const isOther = pathname.includes("/common") || this.#has("issuer-document-differs");
    return {
      status: 200,
      body: {
        issuer: isOther ? template : named,
        jwks_uri: `${origin}/${this.#has("issuer-without-keys") ? "nowhere" : "keys"}`,
      },
    };
  }

  /** The origin that absolute URLs begin with. */
  #baseOf({ headers }: IncomingMessage): string {
    const forwarded = headers["x-forwarded-host"];
    if (forwarded && this.#has("believes-forwarded-host")) return `http://${forwarded}`;
    if (this.#has("metadata-from-host")) return `http://${headers.host}`;
    return this.#addresses.origin;
  }

  async #mcp(url: URL, request: IncomingMessage): Promise<Reply | "never"> {
    if (this.#requestsLeft <= 0) return { status: 429, headers: { "retry-after": "0" } };
    this.#requestsLeft -= 1;
    const { origin } = request.headers;
    const isPreflight =
      request.method === "OPTIONS" && request.headers["access-control-request-method"];
    if (this.#isForeign(request)) {
      return isPreflight && this.#has("foreign-preflight")
        ? this.#share(origin, this.#preflight())
        : { status: 403, body: { error: "forbidden" } };
    }
    if (isPreflight && !this.#has("preflight-needs-token")) {
      return this.#share(origin, this.#preflight());
    }
    const byMethod = this.#replyByMethod(request);
    if (byMethod === "never") return byMethod;
    return this.#share(origin, byMethod ?? (await this.#post(url, request)));
  }

  #isForeign({ headers, rawHeaders }: IncomingMessage): boolean {
    const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && /^host$/i.test(name));
    if (hosts.length > 1 && !this.#has("two-hosts")) return true;
    const isOurs = headers.host === new URL(this.#addresses.origin).host;
    if (!isOurs && !this.#has("foreign-host")) return true;
    const { origin } = headers;
    return origin !== undefined && origin !== allowedOrigin && !this.#has("foreign-origin");
  }

  #preflight(): Reply {
    return {
      status: 204,
      headers: {
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": this.#has("preflight-lacks-headers") ? "*" : allowedHeaders,
      },
    };
  }

  #share(origin: string | undefined, reply: Reply): Reply {
    if (origin === undefined) return reply;
    return {
      ...reply,
      headers: {
        ...reply.headers,
        vary: "Origin",
        "access-control-allow-origin": origin,
        ...(this.#has("invites-cookies") ? { "access-control-allow-credentials": "true" } : {}),
        ...(this.#has("exposes-nothing")
          ? {}
          : { "access-control-expose-headers": "WWW-Authenticate" }),
      },
    };
  }

  #replyByMethod(request: IncomingMessage): Reply | "never" | undefined {
    const { method } = request;
    if (method === "POST") return undefined;
    if (method === "OPTIONS") return this.#refusal(request, undefined);
    if (method === "GET" && this.#has("get-hangs")) return "never";
    if (method === "GET" && this.#has("get-streams")) {
      return { status: 200, headers: { "content-type": "text/event-stream" }, body: ":\n\n" };
    }
    if (method === "HEAD" && this.#has("head-served")) return { status: 200 };
    if (method === "DELETE" && this.#has("delete-served")) return { status: 204 };
    if (method === "TRACE" && this.#has("trace-repeats")) {
      return { status: 200, headers: { "content-type": "message/http" }, body: "TRACE /mcp" };
    }
    return {
      status: 405,
      ...(this.#has("no-allow") ? {} : { headers: { allow: "POST, OPTIONS" } }),
      body: { error: "method_not_allowed" },
    };
  }

  async #post(url: URL, request: IncomingMessage): Promise<Reply> {
    const length = request.rawHeaders.join("").length;
    if (length > headerLimit && !this.#has("no-header-limit")) {
      // As if it counted failed sign-ins against the person and not against whoever tries.
      this.#isLockedOut ||=
        this.#has("locks-out") && !/x-authsuite/i.test(request.rawHeaders.join());
      const isToken = !/x-authsuite/i.test(request.rawHeaders.join());
      return { status: isToken && this.#has("fails-on-long-token") ? 500 : 431 };
    }
    const revealed = await this.#revealed(request);
    if (revealed) return revealed;
    const token = this.#isForm(request)
      ? new URLSearchParams(await readText(request)).get("access_token")
      : readCredential(url, request, this.#has);
    const isNamed = request.headers["x-ms-client-principal"] !== undefined;
    if (isNamed && this.#has("believes-identity-headers")) return this.#serve(request);
    if (token === null) return this.#refusal(request, undefined);
    if (token === "" && this.#has("accepts-no-token")) return this.#serve(request);
    if (token === "fails") return { status: 500 };
    if (token === "malformed" || this.#isLockedOut) {
      return this.#refusal(request, "invalid_token");
    }
    const verdict = await this.#check.judge(token);
    if (verdict === "accepted") return this.#serve(request);
    if (verdict === "unreadable" && this.#has("bad-token-is-500")) {
      return { status: 500, headers: { "cache-control": "no-store" } };
    }
    const isScope = verdict === "lacks-scope" && !this.#has("scope-refused-with-401");
    return this.#refusal(request, isScope ? "insufficient_scope" : "invalid_token");
  }

  #isForm({ headers }: IncomingMessage): boolean {
    return Boolean(headers["content-type"]?.includes("form")) && this.#has("token-in-form");
  }

  /** What it says before it knows who asks. */
  async #revealed(request: IncomingMessage): Promise<Reply | undefined> {
    const { authorization } = request.headers;
    const method = request.headers["mcp-method"];
    const name = request.headers["mcp-name"];
    const isUnknown =
      (method === "authsuite/unknown-method" && this.#has("reveals-methods")) ||
      (name === "authsuite_unknown_tool" && this.#has("reveals-tools"));
    return authorization === undefined && isUnknown
      ? { status: 404, headers: { "cache-control": "no-store" } }
      : undefined;
  }

  #refusal(
    request: IncomingMessage,
    error: "invalid_token" | "insufficient_scope" | undefined,
  ): Reply {
    const isForbidden =
      error === "insufficient_scope" ||
      (error === undefined && this.#has("forbidden-without-credentials"));
    const challenge = challengeHeader(this.#addresses, this.#baseOf(request), error, this.#has);
    return {
      status: isForbidden ? 403 : 401,
      headers: {
        "cache-control": this.#has("cacheable-challenge") ? "public, max-age=60" : "no-store",
        ...(challenge === undefined ? {} : { "www-authenticate": challenge }),
      },
      body: {
        error: error ?? "unauthorized",
        ...(this.#has("echoes-token") ? { got: request.headers.authorization } : {}),
        ...(this.#has("shows-stack") ? { detail: new Error("refused").stack } : {}),
      },
    };
  }

  async #serve(request: IncomingMessage): Promise<Reply> {
    const declared = Number(request.headers["content-length"] ?? 0);
    const noStore = { "cache-control": "no-store" };
    if (declared > bodyLimit && !this.#has("no-body-limit"))
      return { status: 413, headers: noStore };
    const text = await readText(request);
    const isUnlimited = this.#has("no-body-limit") || this.#has("no-chunked-limit");
    if (text.length > bodyLimit && !isUnlimited) return { status: 413, headers: noStore };
    if (text.includes("[[[[[[[[") && this.#has("fails-on-deep-json")) return { status: 500 };
    const message = parseMessage(text);
    if (!message) return { status: 400, headers: noStore };
    const tool = { name: "list_things", annotations: { readOnlyHint: true } };
    const result = message.method === "tools/list" ? { tools: [tool] } : {};
    return {
      status: 200,
      headers: this.#has("cacheable-answers") ? { "cache-control": "max-age=60" } : noStore,
      body: { jsonrpc: "2.0", id: message.id, result },
    };
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}

function parseMessage(text: string): { method?: unknown; id?: unknown } | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
