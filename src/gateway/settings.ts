import { z } from "zod";
import { guid, listOf, onOrOff, wholeNumber } from "../core/setting-types.ts";
import { readHost } from "../gates/own-hosts.ts";
import { kindOfClientId } from "./clients/client-ids.ts";
import { redirectUriJudge } from "./clients/redirect-uri.ts";

/** A client that whoever runs the server has named. */
export interface PreRegisteredClient {
  readonly id: string;
  readonly redirectUris: readonly string[];
}

/** What the gateway is told from outside, checked. */
export interface GatewaySettings {
  /** `{origin}/gateway`, of the server's public URL: the issuer, and where its endpoints are. */
  readonly issuer: string;
  /** `{origin}/gateway/mcp`: the protected resource, and the audience of access tokens. */
  readonly resource: string;
  /** The gateway's own registration in Entra. */
  readonly clientId: string;
  /** A development registration's secret; the managed identity's assertion where absent. */
  readonly clientSecret: string | undefined;
  /** Whether clients may register themselves (RFC 7591). */
  readonly registration: boolean;
  readonly clients: readonly PreRegisteredClient[];
  /** Hosts whose client documents are accepted, lower case, `.example.com` for all below; all where empty. */
  readonly clientDomains: readonly string[];
  /** Schemes of redirect URIs beside https and loopback http, lower case, without a colon. */
  readonly privateSchemes: readonly string[];
  /** Clients that may use the gateway, by `client_id`; all where empty. */
  readonly allowedClientIds: readonly string[];
  /** A grant that is not used for so long ends, in milliseconds. */
  readonly idleMilliseconds: number;
  /** A grant ends so long after the sign-in, in milliseconds, however much it is used. */
  readonly absoluteMilliseconds: number;
}

/** `ID=REDIRECT_URI REDIRECT_URI`. Nothing in an id looks like a URL or ends an entry. */
function readClient(entry: string): PreRegisteredClient | undefined {
  const [, id = "", uris = ""] = /^([\w.~-]{1,64})=(\S.*)$/.exec(entry) ?? [];
  const redirectUris = uris.split(/\s+/).filter((uri) => URL.canParse(uri));
  const isWhole = redirectUris.length === uris.split(/\s+/).length;
  return isWhole ? { id, redirectUris } : undefined;
}

/** A host as `readHost` writes it, or all below one: `.example.com`. */
function readDomain(entry: string): string | undefined {
  const below = entry.startsWith(".") ? "." : "";
  const host = readHost(entry.slice(below.length), "https:");
  return host === undefined || host.includes(":") ? undefined : `${below}${host}`;
}

/** A scheme (RFC 3986 section 3.1) that redirect URIs may have, once it is allowed. */
function readScheme(entry: string): string | undefined {
  const scheme = entry.toLowerCase();
  if (!/^[a-z][a-z0-9+.-]{0,63}$/.test(scheme) || scheme === "https") return undefined;
  const isUsable = redirectUriJudge([scheme])(`${scheme}://callback`) === undefined;
  return isUsable ? scheme : undefined;
}

/** What the gateway is told from outside, each value for itself. */
export const gatewaySettingsShape = {
  GATEWAY: onOrOff.default(false),
  GATEWAY_CLIENT_ID: guid.optional(),
  GATEWAY_CLIENT_SECRET: z.string().optional(),
  GATEWAY_REGISTRATION: onOrOff.default(false),
  GATEWAY_CLIENTS: listOf(
    readClient,
    "must be a comma-separated list of clients, each as ID=REDIRECT_URI with further URIs after spaces, such as portal=https://portal.contoso.com/callback",
  ).default([]),
  GATEWAY_CLIENT_DOMAINS: listOf(
    readDomain,
    "must be a comma-separated list of host names without a port, such as claude.ai, or .contoso.com for all below contoso.com",
  ).default([]),
  GATEWAY_REDIRECT_SCHEMES: listOf(
    readScheme,
    "must be a comma-separated list of private URI schemes without a colon, such as cursor; none that runs something, such as javascript or file",
  ).default([]),
  GATEWAY_IDLE_DAYS: wholeNumber(365, 1).default(14),
  GATEWAY_ABSOLUTE_DAYS: wholeNumber(365, 1).default(90),
};

const shape = z.object(gatewaySettingsShape);

const dayMilliseconds = 24 * 60 * 60 * 1000;

/**
 * What the gateway needs to know, or nothing where it is off.
 *
 * @param publicUrl of `/mcp`, to the letter
 * @param allowedClientIds to the letter; all where empty
 */
export function gatewaySettingsOf(
  settings: z.output<typeof shape>,
  publicUrl: string,
  allowedClientIds: readonly string[],
): GatewaySettings | undefined {
  const { GATEWAY_CLIENT_ID: clientId } = settings;
  if (!settings.GATEWAY || clientId === undefined) return undefined;
  const issuer = publicUrl.replace(/\/mcp$/, "/gateway");
  return {
    issuer,
    resource: `${issuer}/mcp`,
    clientId,
    clientSecret: settings.GATEWAY_CLIENT_SECRET,
    registration: settings.GATEWAY_REGISTRATION,
    clients: settings.GATEWAY_CLIENTS,
    clientDomains: settings.GATEWAY_CLIENT_DOMAINS,
    privateSchemes: settings.GATEWAY_REDIRECT_SCHEMES,
    allowedClientIds,
    idleMilliseconds: settings.GATEWAY_IDLE_DAYS * dayMilliseconds,
    absoluteMilliseconds: settings.GATEWAY_ABSOLUTE_DAYS * dayMilliseconds,
  };
}

/**
 * What no single setting of the gateway shows.
 *
 * @param given what is set, by name
 * @param developmentOnly the end of a message that refuses something; undefined in development
 */
export function gatewayProblems(
  given: Readonly<Record<string, string | undefined>>,
  developmentOnly: string | undefined,
): string[] {
  const problems: string[] = [];
  const { GATEWAY_CLIENT_ID: clientId, GATEWAY_CLIENT_SECRET: secret } = given;
  const isOn = given.GATEWAY === "on";
  if (isOn && !clientId) {
    problems.push("GATEWAY_CLIENT_ID is missing (the gateway's own app registration)");
  }
  if (clientId && clientId.toLowerCase() === given.ENTRA_CLIENT_ID?.toLowerCase()) {
    problems.push(
      "GATEWAY_CLIENT_ID must be a registration of its own, not that of ENTRA_CLIENT_ID: Entra refreshes no tokens that an application has of itself",
    );
  }
  if (secret && developmentOnly !== undefined) {
    problems.push(
      `GATEWAY_CLIENT_SECRET is ${developmentOnly}; remove it and let the managed identity vouch for the registration`,
    );
  }
  if (isOn && !secret && !given.AZURE_CLIENT_ID && developmentOnly === undefined) {
    problems.push(
      "GATEWAY_CLIENT_SECRET is missing (a development registration's secret), or else AZURE_CLIENT_ID",
    );
  }
  const days = shape
    .pick({ GATEWAY_IDLE_DAYS: true, GATEWAY_ABSOLUTE_DAYS: true })
    .safeParse(given);
  if (days.success && days.data.GATEWAY_IDLE_DAYS > days.data.GATEWAY_ABSOLUTE_DAYS) {
    problems.push(
      `GATEWAY_IDLE_DAYS must not be more than GATEWAY_ABSOLUTE_DAYS, which is ${days.data.GATEWAY_ABSOLUTE_DAYS}`,
    );
  }
  const clients =
    shape.pick({ GATEWAY_CLIENTS: true }).safeParse(given).data?.GATEWAY_CLIENTS ?? [];
  const schemes = shape.pick({ GATEWAY_REDIRECT_SCHEMES: true }).safeParse(given).data;
  problems.push(...clientProblems(clients, schemes?.GATEWAY_REDIRECT_SCHEMES ?? []));
  const ids = clients.map(({ id }) => id);
  return [...problems, ...allowedClientProblems(given, isOn ? ids : undefined)];
}

function clientProblems(
  clients: readonly PreRegisteredClient[],
  privateSchemes: readonly string[],
): string[] {
  const judge = redirectUriJudge(privateSchemes);
  const ids = clients.map(({ id }) => id);
  return [
    ...(new Set(ids).size < ids.length ? ["GATEWAY_CLIENTS must name each client once"] : []),
    ...ids
      .filter((id) => kindOfClientId(id) !== "pre-registered")
      .map(
        (id) =>
          `GATEWAY_CLIENTS: ${id} must not look like the id of a client that registers itself`,
      ),
    ...clients.flatMap(({ id, redirectUris }) => {
      const problem = redirectUris.map(judge).find((found) => found !== undefined);
      return problem === undefined ? [] : [`GATEWAY_CLIENTS: a redirect URI of ${id} ${problem}`];
    }),
  ];
}

/** @param preRegistered ids of the gateway's clients; undefined where it is off */
function allowedClientProblems(
  { ALLOWED_CLIENT_IDS = "" }: Readonly<Record<string, string | undefined>>,
  preRegistered: readonly string[] | undefined,
): string[] {
  const isAllowed = (id: string) =>
    guid.safeParse(id).success ||
    (preRegistered !== undefined && (isDocumentUrl(id) || preRegistered.includes(id)));
  const ids = ALLOWED_CLIENT_IDS.split(",").map((id) => id.trim());
  if (ids.every((id) => id === "" || isAllowed(id))) return [];
  return [
    preRegistered === undefined
      ? "ALLOWED_CLIENT_IDS must be a comma-separated list of client application ids, GUIDs"
      : "ALLOWED_CLIENT_IDS must be a comma-separated list of client application ids: GUIDs, https URLs of client documents, or ids that GATEWAY_CLIENTS names",
  ];
}

/** The one form of a URL that is compared to the letter: as it is written back by a URL parser. */
function isDocumentUrl(id: string): boolean {
  const url = URL.parse(id);
  return url?.protocol === "https:" && url.pathname !== "/" && url.href === id;
}
