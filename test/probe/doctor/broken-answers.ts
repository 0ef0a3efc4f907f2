import { apiIdentifierUri } from "../../../local/directory.ts";
import type { Subject } from "../../../probe/doctor/patient.ts";
import type { BreakableStack } from "./breakable-stack.ts";
import type { Asked, Fault, Reply } from "./breaking-proxy.ts";

/** What the finding's cause and remedy say, the fault, and what the doctor is given. */
export type BrokenAnswer = readonly [says: RegExp, fault?: Fault, subject?: () => Partial<Subject>];

const metadataPath = "/.well-known/oauth-protected-resource";
const page = { status: 200, headers: { "content-type": "text/html" } };
/** Where the proxy stands in for the authority. */
const authorityPath = "/7a3c1f58-94d2-4f0e-8b61-0d5e2c9b4a17/v2.0";

export function everywhere(reply: Reply): Fault {
  return { answer: () => reply };
}

/** Answers in the server's place what `isAsked` picks out. */
function instead(reply: Reply | "never", isAsked: (asked: Asked) => unknown): Fault {
  return { answer: (asked) => (isAsked(asked) ? reply : undefined) };
}

const isPost = ({ method }: Asked) => method === "POST";
const isPreflight = ({ method }: Asked) => method === "OPTIONS";
const isStream = ({ method, path }: Asked) => method === "GET" && path === "/mcp";
const isMetadata = ({ path }: Asked) => path.startsWith(metadataPath);

/** Alters the metadata document, at both places. */
function metadata(changes: () => Readonly<Record<string, unknown>>): Fault {
  return {
    alter: (reply, asked) =>
      isMetadata(asked)
        ? { ...reply, body: { ...JSON.parse(String(reply.body)), ...changes() } }
        : reply,
  };
}

/** Alters one header of the answers that `isAsked` picks out; nothing takes it away. */
function header(
  name: string,
  change: (value: string) => string | undefined,
  isAsked: (asked: Asked) => boolean = isPost,
): Fault {
  return {
    alter(reply, asked) {
      const { [name]: value = "", ...others } = reply.headers ?? {};
      const changed = isAsked(asked) ? change(value) : value;
      return { ...reply, headers: changed ? { ...others, [name]: changed } : others };
    },
  };
}

function challenge(change: (value: string) => string | undefined): Fault {
  return header("www-authenticate", change);
}

/** Alters the scopes wherever the server names them. */
export function scopes(change: (text: string) => string): Fault {
  return {
    alter(reply, asked) {
      const challenge = reply.headers?.["www-authenticate"];
      const changed = challenge ? [["www-authenticate", change(challenge)]] : [];
      const headers = { ...reply.headers, ...Object.fromEntries(changed) };
      const body = isMetadata(asked) ? change(String(reply.body)) : reply.body;
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

/** What can be wrong with a server's answers, in words, by the check that is to name it. */
export function brokenAnswers(
  stack: BreakableStack,
): Readonly<Record<string, Readonly<Record<string, BrokenAnswer>>>> {
  const withToken = () => ({ token: stack.token() });
  const withOrigin = () => ({ origin: new URL(stack.mcp()).origin });

  /** The metadata leads to an authority of the proxy's own making. */
  function authority(answer: (asked: Asked, issuer: string) => Reply | undefined): Fault {
    const issuer = () => `${new URL(stack.mcp()).origin}${authorityPath}`;
    return {
      ...metadata(() => ({ authorization_servers: [issuer()] })),
      answer: (asked) => (asked.path.startsWith("/7a3c") ? answer(asked, issuer()) : undefined),
    };
  }

  function authorityWithKeys(keys: Reply): Fault {
    return authority(({ path }, issuer) => (path.endsWith("/keys") ? keys : discovery(issuer)));
  }

  return {
    "server.redirect": {
      "a login page in the server's place": [
        /Easy Auth.*function app, Authentication, Remove/s,
        everywhere({
          status: 302,
          headers: {
            location: "https://login.microsoftonline.com/tenant/oauth2/v2.0/authorize?nonce=1",
          },
        }),
      ],
      "a redirect to the URL that the server goes by": [
        /MCP_PUBLIC_URL/,
        everywhere({ status: 308, headers: { location: "https://mcp.contoso.com/mcp" } }),
      ],
    },
    "server.itself": {
      "the platform's own 401": [
        /Easy Auth/,
        everywhere({
          status: 401,
          headers: {
            "www-authenticate":
              'Bearer realm="func.azurewebsites.net" authorization_uri="https://login.windows.net/t/oauth2/authorize"',
          },
        }),
      ],
      "a function app that is stopped": [
        /Overview, Start/,
        everywhere({ ...page, status: 403, body: "<h1>Error 403 - This web app is stopped.</h1>" }),
      ],
      "access restrictions": [
        /access restrictions.*Networking/s,
        everywhere({ ...page, status: 403, headers: { "x-ms-forbidden-ip": "203.0.113.9" } }),
      ],
      "a gateway that wants a subscription key": [
        /clear Subscription required/,
        everywhere({
          status: 401,
          body: { statusCode: 401, message: "Access denied due to missing subscription key." },
        }),
      ],
      "a Functions host that does not run": [
        /AzureWebJobsStorage.*Storage Blob Data Owner/s,
        everywhere({ status: 503, body: "Function host is not running." }),
      ],
      "a gateway without a server behind it": [
        /worker process ended/,
        everywhere({ ...page, status: 502, body: "<h1>Bad Gateway</h1>" }),
      ],
      "a server that hangs": [
        /--timeout 60/,
        instead("never", () => true),
        () => ({ timeout: 300 }),
      ],
    },
    "server.route": {
      "an app without functions": [/nothing is deployed/, everywhere({ status: 404 })],
      "a slip in the URL's path": [
        /Use http:\/\/localhost:\d+\/mcp\./,
        {},
        () => ({ target: new URL("/mpc", stack.mcp()) }),
      ],
    },
    "server.alive": {
      "a process that is alive and failing": [
        /starting, failing or overloaded/,
        instead({ status: 500 }, ({ path }) => path === "/health"),
      ],
    },
    "server.clock": {
      "a clock that is five minutes ahead, with a token": [
        /The server's is wrong.*Synchronise/s,
        header("date", (value) => new Date(Date.parse(value) + 300_000).toUTCString()),
        withToken,
      ],
    },

    "metadata.found": {
      "no metadata": [
        /pass \/\.well-known\/oauth-protected-resource/,
        instead({ status: 404 }, isMetadata),
      ],
      "a web page where the metadata should be": [
        /a web page/,
        instead({ ...page, body: "<p>" }, isMetadata),
      ],
    },
    "metadata.resource": {
      "a slash at the end of the resource": [
        /slash at its end.*Set MCP_PUBLIC_URL to http:\/\/localhost:\d+\/mcp,/s,
        metadata(() => ({ resource: `${stack.mcp()}/` })),
      ],
      "the resource of another deployment": [
        /host differs.*add localhost:\d+ to ALLOWED_HOSTS/s,
        metadata(() => ({ resource: "https://func-other.azurewebsites.net/mcp" })),
      ],
      "a resource in other letters": [
        /Upper and lower case/,
        metadata(() => ({ resource: stack.mcp().replace("/mcp", "/MCP") })),
      ],
    },
    "metadata.root": {
      "no metadata at the root": [
        /both paths/,
        instead({ status: 404 }, ({ path }) => path === metadataPath),
      ],
    },
    "metadata.authorization-servers": {
      "the issuer of everybody's tenant": [
        /not the tenant's.*ENTRA_ISSUER/s,
        metadata(() => ({
          authorization_servers: ["https://login.microsoftonline.com/common/v2.0"],
        })),
      ],
      "an issuer with a slash at its end": [
        /without a slash/,
        metadata(() => ({
          authorization_servers: [`https://login.microsoftonline.com${authorityPath}/`],
        })),
      ],
      "no authorization server": [
        /exactly one entry/,
        metadata(() => ({ authorization_servers: [] })),
      ],
    },
    "metadata.scopes": {
      "no scopes": [/AADSTS900144/, metadata(() => ({ scopes_supported: undefined }))],
      "a scope by its bare name": [
        /Microsoft Graph: AADSTS650053.*ENTRA_IDENTIFIER_URI/s,
        scopes((text) => text.replaceAll(`${apiIdentifierUri}/`, "")),
      ],
      "offline_access among the scopes": [
        /offline_access is no scope of this server/,
        metadata(() => ({
          scopes_supported: [`${apiIdentifierUri}/user_impersonation`, "offline_access"],
        })),
      ],
    },
    "metadata.registration": {
      "a scope of Microsoft Graph": [
        /other-registration \(certain\).*Microsoft Graph/s,
        scopes((text) => text.replaceAll(apiIdentifierUri, "https://graph.microsoft.com")),
      ],
      "an identifier URI with a slash at its end": [
        /uri-not-listed \(certain\).*cannot end in a slash.*ENTRA_IDENTIFIER_URI/s,
        scopes((text) => text.replaceAll(apiIdentifierUri, `${apiIdentifierUri}/`)),
      ],
    },

    "challenge.status": {
      "a server that asks nobody for a token": [
        /off the network/,
        instead({ status: 200, body: {} }, isPost),
      ],
      "a gateway that answers 403": [
        /pass the server's 401 on/,
        { alter: (reply) => (reply.status === 401 ? { ...reply, status: 403 } : reply) },
      ],
    },
    "challenge.bearer": {
      "a gateway that takes the challenge away": [
        /pass WWW-Authenticate on/,
        challenge(() => undefined),
      ],
    },
    "challenge.resource-metadata": {
      "a challenge without resource_metadata": [
        /must have resource_metadata="http/,
        challenge((value) => value.replace(/resource_metadata="[^"]*", /, "")),
      ],
    },
    "challenge.scope": {
      "a challenge without a scope": [
        /must have scope="api:/,
        challenge((value) => value.replace(/, scope="[^"]*"/, "")),
      ],
    },
    "challenge.no-error": {
      "a challenge that speaks of an error": [
        /Leave error out/,
        challenge((value) => `${value}, error="invalid_token"`),
      ],
    },

    "authority.discovery": {
      "a tenant that does not exist": [
        /no such tenant.*ENTRA_TENANT_ID/s,
        authority(() => ({
          status: 400,
          body: {
            error: "invalid_tenant",
            error_description: "AADSTS90002: Tenant 'x' not found.",
          },
        })),
      ],
      "an authority out of reach": [
        /out of reach.*ENTRA_AUTHORITY_HOST/s,
        metadata(() => ({ authorization_servers: [`http://localhost:1${authorityPath}`] })),
      ],
      "a discovery document that is not whole": [
        /no document of an OpenID provider/,
        authority((_asked, issuer) => ({ status: 200, body: { issuer } })),
      ],
    },
    "authority.issuer": {
      "a discovery document of another issuer": [
        /alias.*ENTRA_ISSUER/s,
        authority((_asked, issuer) => discovery(`${issuer.replace("/v2.0", "")}/v3.0`)),
      ],
    },
    "authority.keys": {
      "keys that cannot be had": [/does not answer there/, authorityWithKeys({ status: 503 })],
      "a set of no keys": [
        /None is an RSA key/,
        authorityWithKeys({ status: 200, body: { keys: [] } }),
      ],
    },

    "methods.get": {
      "a GET that hangs": [/Pass GET on/, instead("never", isStream), () => ({ timeout: 1_500 })],
      "a GET that is served": [/Answer 405/, instead(page, isStream)],
    },
    "browsers.own-answer": {
      "the platform's own CORS setting": [
        /siteConfig\.cors must be absent/,
        instead({ status: 204 }, isPreflight),
        withOrigin,
      ],
      "CORS for every page": [
        /ALLOWED_ORIGINS/,
        instead({ status: 200, headers: { "access-control-allow-origin": "*" } }, isPreflight),
      ],
    },
    "browsers.preflight": {
      "an origin that is not allowed": [
        /Add https:\/\/app\.contoso\.com to ALLOWED_ORIGINS/,
        {},
        () => ({ origin: "https://app.contoso.com" }),
      ],
      "a preflight without the headers that MCP needs": [
        /answers preflights before the server/,
        header("access-control-allow-headers", () => "accept", isPreflight),
        withOrigin,
      ],
      "a page's preflight that needs a token": [
        /before authentication/,
        instead({ status: 401 }, isPreflight),
        withOrigin,
      ],
    },
    "browsers.exposed": {
      "a challenge that pages cannot read": [
        /Access-Control-Expose-Headers: WWW-Authenticate/,
        header("access-control-expose-headers", () => undefined),
        withOrigin,
      ],
      "metadata that pages cannot read": [
        /the document is public/,
        header("access-control-allow-origin", () => undefined, isMetadata),
        withOrigin,
      ],
    },

    "calls.accepted": {
      "a gateway that takes the token away": [
        /takes the Authorization header away/,
        instead({ status: 500, body: {} }, ({ headers }) => headers.authorization),
        withToken,
      ],
    },
    "calls.discover": {
      "a gateway that drops the Mcp-Method header": [
        /Mcp-Method/,
        instead(
          { status: 400, body: {} },
          ({ headers }) => headers["mcp-method"] && headers.authorization,
        ),
        withToken,
      ],
    },
    "calls.tools": {
      "a person who may call no tool": [
        /policies let this person call none.*audit\.authorization/s,
        {
          alter: (reply) => ({
            ...reply,
            body: String(reply.body ?? "").replace(/"tools":\[.*\]/, '"tools":[]'),
          }),
        },
        withToken,
      ],
    },
  };
}
