import type { Subject } from "../../../probe/doctor/patient.ts";
import type { BreakableStack } from "./breakable-stack.ts";
import type { Asked, Fault, Reply } from "./breaking-proxy.ts";

/** One thing that is broken. */
export interface Case {
  readonly broken: string;
  /** The check that names it. */
  readonly first: string;
  /** Of the finding's cause and remedy. */
  readonly says: RegExp;
  readonly fault?: Fault;
  readonly subject?: () => Partial<Subject>;
}

const metadataPath = "/.well-known/oauth-protected-resource";
const page = { status: 200, headers: { "content-type": "text/html" } };
/** Where the proxy stands in for the authority. */
const authorityPath = "/7a3c1f58-94d2-4f0e-8b61-0d5e2c9b4a17/v2.0";

export function everywhere(reply: Reply): Fault {
  return { answer: () => reply };
}

/** Alters the metadata document, at both places. */
function metadata(changes: () => Readonly<Record<string, unknown>>): Fault {
  return {
    alter: (reply, { path }) =>
      path.startsWith(metadataPath)
        ? { ...reply, body: { ...JSON.parse(String(reply.body)), ...changes() } }
        : reply,
  };
}

/** Alters one header of the answers to POST; nothing takes it away. */
function postHeader(name: string, change: (value: string) => string | undefined): Fault {
  return {
    alter(reply, { method }) {
      const { [name]: value = "", ...others } = reply.headers ?? {};
      const changed = method === "POST" ? change(value) : value;
      return { ...reply, headers: changed ? { ...others, [name]: changed } : others };
    },
  };
}

/** Alters the scopes wherever the server names them. */
export function scopes(change: (text: string) => string): Fault {
  return {
    alter(reply, { path }) {
      const challenge = reply.headers?.["www-authenticate"];
      const changed = challenge ? [["www-authenticate", change(challenge)]] : [];
      const headers = { ...reply.headers, ...Object.fromEntries(changed) };
      const body = path.startsWith(metadataPath) ? change(String(reply.body)) : reply.body;
      return { ...reply, headers, body };
    },
  };
}

function discovery(issuer: string): Reply {
  const base = issuer.replace("/v2.0", "");
  return {
    status: 200,
    body: {
      issuer,
      authorization_endpoint: `${base}/authorize`,
      token_endpoint: `${base}/token`,
      jwks_uri: `${base}/keys`,
    },
  };
}

/** What can be wrong with a server's answers, and how the doctor is to name it. */
export function brokenAnswers(stack: BreakableStack): readonly Case[] {
  /** The metadata leads to an authority of the proxy's own making. */
  function authority(answer: (asked: Asked, issuer: string) => Reply | undefined): Fault {
    const issuer = () => `${new URL(stack.mcp()).origin}${authorityPath}`;
    const { alter } = metadata(() => ({ authorization_servers: [issuer()] }));
    return {
      ...(alter ? { alter } : {}),
      answer: (asked) => (asked.path.startsWith("/7a3c") ? answer(asked, issuer()) : undefined),
    };
  }

  function authorityWithKeys(keys: Reply): Fault {
    return authority(({ path }, issuer) => (path.endsWith("/keys") ? keys : discovery(issuer)));
  }

  return [
    {
      broken: "a login page in the server's place",
      first: "server.redirect",
      says: /Easy Auth.*function app, Authentication, Remove/s,
      fault: everywhere({
        status: 302,
        headers: {
          location: "https://login.microsoftonline.com/tenant/oauth2/v2.0/authorize?nonce=1",
        },
      }),
    },
    {
      broken: "the platform's own 401",
      first: "server.itself",
      says: /Easy Auth/,
      fault: everywhere({
        status: 401,
        headers: {
          "www-authenticate":
            'Bearer realm="func.azurewebsites.net" authorization_uri="https://login.windows.net/t/oauth2/authorize"',
        },
      }),
    },
    {
      broken: "a redirect to the URL that the server goes by",
      first: "server.redirect",
      says: /MCP_PUBLIC_URL/,
      fault: everywhere({ status: 308, headers: { location: "https://mcp.contoso.com/mcp" } }),
    },
    {
      broken: "a function app that is stopped",
      first: "server.itself",
      says: /Overview, Start/,
      fault: everywhere({
        ...page,
        status: 403,
        body: "<h1>Error 403 - This web app is stopped.</h1>",
      }),
    },
    {
      broken: "access restrictions",
      first: "server.itself",
      says: /access restrictions.*Networking/s,
      fault: everywhere({ ...page, status: 403, headers: { "x-ms-forbidden-ip": "203.0.113.9" } }),
    },
    {
      broken: "a gateway that wants a subscription key",
      first: "server.itself",
      says: /clear Subscription required/,
      fault: everywhere({
        status: 401,
        body: { statusCode: 401, message: "Access denied due to missing subscription key." },
      }),
    },
    {
      broken: "a Functions host that does not run",
      first: "server.itself",
      says: /AzureWebJobsStorage.*Storage Blob Data Owner/s,
      fault: everywhere({ status: 503, body: "Function host is not running." }),
    },
    {
      broken: "a gateway without a server behind it",
      first: "server.itself",
      says: /worker process ended/,
      fault: everywhere({ ...page, status: 502, body: "<h1>Bad Gateway</h1>" }),
    },
    {
      broken: "a server that hangs",
      first: "server.itself",
      says: /--timeout 60/,
      fault: { answer: () => "never" },
      subject: () => ({ timeout: 300 }),
    },
    {
      broken: "an app without functions",
      first: "server.route",
      says: /nothing is deployed/,
      fault: everywhere({ status: 404 }),
    },
    {
      broken: "a slip in the URL's path",
      first: "server.route",
      says: /Use http:\/\/localhost:\d+\/mcp\./,
      subject: () => ({ target: new URL("/mpc", stack.mcp()) }),
    },
    {
      broken: "a process that is alive and failing",
      first: "server.alive",
      says: /starting, failing or overloaded/,
      fault: { answer: ({ path }) => (path === "/health" ? { status: 500 } : undefined) },
    },
    {
      broken: "a clock that is five minutes ahead, with a token",
      first: "server.clock",
      says: /The server's is wrong.*Synchronise/s,
      fault: postHeader("date", (value) => new Date(Date.parse(value) + 300_000).toUTCString()),
      subject: () => ({ token: stack.token() }),
    },

    {
      broken: "no metadata",
      first: "metadata.found",
      says: /pass \/\.well-known\/oauth-protected-resource/,
      fault: {
        answer: ({ path }) => (path.startsWith(metadataPath) ? { status: 404 } : undefined),
      },
    },
    {
      broken: "a web page where the metadata should be",
      first: "metadata.found",
      says: /a web page/,
      fault: {
        answer: ({ path }) =>
          path.startsWith(metadataPath) ? { ...page, body: "<p>" } : undefined,
      },
    },
    {
      broken: "a slash at the end of the resource",
      first: "metadata.resource",
      says: /slash at its end.*Set MCP_PUBLIC_URL to http:\/\/localhost:\d+\/mcp,/s,
      fault: metadata(() => ({ resource: `${stack.mcp()}/` })),
    },
    {
      broken: "the resource of another deployment",
      first: "metadata.resource",
      says: /host differs/,
      fault: metadata(() => ({ resource: "https://func-other.azurewebsites.net/mcp" })),
    },
    {
      broken: "a resource in other letters",
      first: "metadata.resource",
      says: /Upper and lower case/,
      fault: metadata(() => ({ resource: stack.mcp().replace("/mcp", "/MCP") })),
    },
    {
      broken: "no metadata at the root",
      first: "metadata.root",
      says: /both paths/,
      fault: { answer: ({ path }) => (path === metadataPath ? { status: 404 } : undefined) },
    },
    {
      broken: "the issuer of everybody's tenant",
      first: "metadata.authorization-servers",
      says: /not the tenant's.*ENTRA_ISSUER/s,
      fault: metadata(() => ({
        authorization_servers: ["https://login.microsoftonline.com/common/v2.0"],
      })),
    },
    {
      broken: "an issuer with a slash at its end",
      first: "metadata.authorization-servers",
      says: /without a slash/,
      fault: metadata(() => ({
        authorization_servers: [`https://login.microsoftonline.com${authorityPath}/`],
      })),
    },
    {
      broken: "no authorization server",
      first: "metadata.authorization-servers",
      says: /exactly one entry/,
      fault: metadata(() => ({ authorization_servers: [] })),
    },
    {
      broken: "no scopes",
      first: "metadata.scopes",
      says: /AADSTS900144/,
      fault: metadata(() => ({ scopes_supported: undefined })),
    },
    {
      broken: "a scope by its bare name",
      first: "metadata.scopes",
      says: /Microsoft Graph: AADSTS650053.*ENTRA_IDENTIFIER_URI/s,
      fault: scopes((text) => text.replaceAll("api://expenses-local/", "")),
    },
    {
      broken: "offline_access among the scopes",
      first: "metadata.scopes",
      says: /offline_access is no scope of this server/,
      fault: metadata(() => ({
        scopes_supported: ["api://expenses-local/user_impersonation", "offline_access"],
      })),
    },
    {
      broken: "an identifier URI that is another URL",
      first: "metadata.profile",
      says: /AADSTS9010010.*entra-profiles/s,
      fault: scopes((text) => text.replaceAll("api://expenses-local", "https://api.contoso.com")),
    },

    {
      broken: "a server that asks nobody for a token",
      first: "challenge.status",
      says: /off the network/,
      fault: {
        answer: ({ method }) => (method === "POST" ? { status: 200, body: {} } : undefined),
      },
    },
    {
      broken: "a gateway that answers 403",
      first: "challenge.status",
      says: /pass the server's 401 on/,
      fault: { alter: (reply) => (reply.status === 401 ? { ...reply, status: 403 } : reply) },
    },
    {
      broken: "a gateway that takes the challenge away",
      first: "challenge.bearer",
      says: /pass WWW-Authenticate on/,
      fault: postHeader("www-authenticate", () => undefined),
    },
    {
      broken: "a challenge without resource_metadata",
      first: "challenge.resource-metadata",
      says: /must have resource_metadata="http/,
      fault: postHeader("www-authenticate", (value) =>
        value.replace(/resource_metadata="[^"]*", /, ""),
      ),
    },
    {
      broken: "a challenge without a scope",
      first: "challenge.scope",
      says: /must have scope="api:/,
      fault: postHeader("www-authenticate", (value) => value.replace(/, scope="[^"]*"/, "")),
    },
    {
      broken: "a challenge that speaks of an error",
      first: "challenge.no-error",
      says: /Leave error out/,
      fault: postHeader("www-authenticate", (value) => `${value}, error="invalid_token"`),
    },

    {
      broken: "a tenant that does not exist",
      first: "authority.discovery",
      says: /no such tenant.*ENTRA_TENANT_ID/s,
      fault: authority(() => ({
        status: 400,
        body: { error: "invalid_tenant", error_description: "AADSTS90002: Tenant 'x' not found." },
      })),
    },
    {
      broken: "an authority out of reach",
      first: "authority.discovery",
      says: /out of reach.*ENTRA_AUTHORITY_HOST/s,
      fault: metadata(() => ({ authorization_servers: [`http://localhost:1${authorityPath}`] })),
    },
    {
      broken: "a discovery document that is not whole",
      first: "authority.discovery",
      says: /no document of an OpenID provider/,
      fault: authority((_asked, issuer) => ({ status: 200, body: { issuer } })),
    },
    {
      broken: "a discovery document of another issuer",
      first: "authority.issuer",
      says: /alias.*ENTRA_ISSUER/s,
      fault: authority((_asked, issuer) => discovery(`${issuer.replace("/v2.0", "")}/v3.0`)),
    },
    {
      broken: "keys that cannot be had",
      first: "authority.keys",
      says: /does not answer there/,
      fault: authorityWithKeys({ status: 503 }),
    },
    {
      broken: "a set of no keys",
      first: "authority.keys",
      says: /None is an RSA key/,
      fault: authorityWithKeys({ status: 200, body: { keys: [] } }),
    },

    {
      broken: "a GET that hangs",
      first: "methods.get",
      says: /Pass GET on/,
      fault: {
        answer: ({ method, path }) => (method === "GET" && path === "/mcp" ? "never" : undefined),
      },
      subject: () => ({ timeout: 1_500 }),
    },
    {
      broken: "a GET that is served",
      first: "methods.get",
      says: /Answer 405/,
      fault: {
        answer: ({ method, path }) => (method === "GET" && path === "/mcp" ? page : undefined),
      },
    },
    {
      broken: "the platform's own CORS setting",
      first: "browsers.own-answer",
      says: /siteConfig\.cors must be absent/,
      fault: { answer: ({ method }) => (method === "OPTIONS" ? { status: 204 } : undefined) },
      subject: () => ({ origin: new URL(stack.mcp()).origin }),
    },
    {
      broken: "CORS for every page",
      first: "browsers.own-answer",
      says: /ALLOWED_ORIGINS/,
      fault: {
        answer: ({ method }) =>
          method === "OPTIONS"
            ? { status: 200, headers: { "access-control-allow-origin": "*" } }
            : undefined,
      },
    },
    {
      broken: "an origin that is not allowed",
      first: "browsers.preflight",
      says: /Add https:\/\/app\.contoso\.com to ALLOWED_ORIGINS/,
      subject: () => ({ origin: "https://app.contoso.com" }),
    },
    {
      broken: "a preflight without the headers that MCP needs",
      first: "browsers.preflight",
      says: /answers preflights before the server/,
      fault: {
        alter: (reply, { method }) =>
          method === "OPTIONS"
            ? { ...reply, headers: { ...reply.headers, "access-control-allow-headers": "accept" } }
            : reply,
      },
      subject: () => ({ origin: new URL(stack.mcp()).origin }),
    },
    {
      broken: "a page's preflight that needs a token",
      first: "browsers.preflight",
      says: /before authentication/,
      fault: { answer: ({ method }) => (method === "OPTIONS" ? { status: 401 } : undefined) },
      subject: () => ({ origin: new URL(stack.mcp()).origin }),
    },
    {
      broken: "a challenge that pages cannot read",
      first: "browsers.exposed",
      says: /Access-Control-Expose-Headers: WWW-Authenticate/,
      fault: postHeader("access-control-expose-headers", () => undefined),
      subject: () => ({ origin: new URL(stack.mcp()).origin }),
    },
    {
      broken: "metadata that pages cannot read",
      first: "browsers.exposed",
      says: /the document is public/,
      fault: {
        alter(reply, { path }) {
          const { "access-control-allow-origin": _gone, ...headers } = reply.headers ?? {};
          return path.startsWith(metadataPath) ? { ...reply, headers } : reply;
        },
      },
      subject: () => ({ origin: new URL(stack.mcp()).origin }),
    },
    {
      broken: "a gateway that takes the token away",
      first: "calls.accepted",
      says: /takes the Authorization header away/,
      fault: {
        answer: ({ headers }) => (headers.authorization ? { status: 500, body: {} } : undefined),
      },
      subject: () => ({ token: stack.token() }),
    },
    {
      broken: "a gateway that drops the Mcp-Method header",
      first: "calls.discover",
      says: /Mcp-Method/,
      fault: {
        answer: ({ headers }) =>
          headers["mcp-method"] && headers.authorization ? { status: 400, body: {} } : undefined,
      },
      subject: () => ({ token: stack.token() }),
    },
    {
      broken: "a person who may call no tool",
      first: "calls.tools",
      says: /policies let this person call none.*audit\.authorization/s,
      fault: {
        alter: (reply) => ({
          ...reply,
          body: String(reply.body ?? "").replace(/"tools":\[.*\]/, '"tools":[]'),
        }),
      },
      subject: () => ({ token: stack.token() }),
    },
  ];
}
