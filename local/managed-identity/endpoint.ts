import { randomBytes, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { Authority } from "../authority/authority.ts";
import { tokenExchangeAudience } from "../authority/clients/client-authentication.ts";
import { answerNodeRequest } from "../authority/localhost-server.ts";
import { lifetime, resourceTokenIssuer } from "../authority/tokens/tokens.ts";
import { listenOnLoopback } from "../loopback.ts";

export interface ManagedIdentityEndpointOptions {
  /** Whose key signs the tokens, and whose tenant has the identity. */
  readonly authority: Pick<Authority, "tenant" | "httpsIssuer" | "signToken">;
  /** 0, the default, for any free one. */
  readonly port?: number;
  /** What `IDENTITY_HEADER` holds. Default: something nobody can guess. */
  readonly header?: string;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

export interface ManagedIdentityEndpoint {
  /** `IDENTITY_ENDPOINT` */
  readonly endpoint: string;
  /** `IDENTITY_HEADER` */
  readonly header: string;
  /** May be called more than once. */
  close(): Promise<void>;
}

const path = "/msi/token";
const apiVersion = "2019-08-01";

/** Seconds, as on the platform. */
const tokenLifetime = 24 * 60 * 60;

/**
 * Starts the endpoint that App Service and Functions give an app for its managed identity, so that
 * the Azure SDKs get tokens on a laptop by the code that gets them in Azure.
 *
 * Source: https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 *
 * @throws {Error} naming the part and the port, when the port cannot be had
 */
export async function startManagedIdentityEndpoint(
  options: ManagedIdentityEndpointOptions,
): Promise<ManagedIdentityEndpoint> {
  const { authority, now = Date.now } = options;
  const header = options.header ?? randomBytes(24).toString("base64url");
  const handler = async (request: Request) => answer(authority, header, now(), request);
  const server = createServer();
  const { port, close } = await listenOnLoopback(server, {
    part: "Managed identity endpoint",
    port: options.port ?? 0,
  });
  const origin = `http://127.0.0.1:${port}`;
  server.on("request", (incoming, outgoing) => {
    void answerNodeRequest(origin, Promise.resolve(handler), incoming, outgoing);
  });
  return { endpoint: origin + path, header, close };
}

async function answer(
  authority: ManagedIdentityEndpointOptions["authority"],
  header: string,
  now: number,
  request: Request,
): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname !== path) return refuse(404, "There is nothing here.");
  if (request.method !== "GET") return refuse(405, "The endpoint only accepts GET requests.");
  // What keeps somebody who can make the app fetch a URL from fetching its tokens.
  if (!isEqual(request.headers.get("x-identity-header") ?? "", header)) {
    return refuse(401, "The header X-IDENTITY-HEADER must hold the value of IDENTITY_HEADER.");
  }
  if (searchParams.get("api-version") !== apiVersion) {
    return refuse(400, `The parameter api-version must be ${apiVersion}.`);
  }
  const resource = searchParams.get("resource");
  if (!resource) return refuse(400, "The parameter resource is missing.");
  const { clientId } = authority.tenant.managedIdentity;
  if (searchParams.get("client_id")?.toLowerCase() !== clientId) {
    // The platform's words. Without client_id the system-assigned identity is asked for, which the
    // app does not have.
    return refuse(
      400,
      "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
    );
  }

  const token = { ...lifetime(now, tokenLifetime), ...claimsFor(authority, resource) };
  return Response.json(
    {
      access_token: await authority.signToken(token),
      expires_on: String(token.exp),
      resource,
      token_type: "Bearer",
      client_id: clientId,
    },
    { headers: { "Cache-Control": "no-store" } },
  );
}

/**
 * A token for the exchange is one of version 2.0 by this authority. Every other resource gets one of
 * version 1.0, whose issuer Azurite checks.
 */
function claimsFor(
  { tenant, httpsIssuer }: ManagedIdentityEndpointOptions["authority"],
  resource: string,
): Record<string, string> {
  const { clientId, objectId } = tenant.managedIdentity;
  const identity = { aud: resource, sub: objectId, oid: objectId, tid: tenant.id, idtyp: "app" };
  return resource === tokenExchangeAudience
    ? { ...identity, iss: httpsIssuer, azp: clientId, azpacr: "2", ver: "2.0" }
    : {
        ...identity,
        iss: resourceTokenIssuer(tenant),
        appid: clientId,
        appidacr: "2",
        ver: "1.0",
      };
}

function refuse(statusCode: number, message: string): Response {
  return Response.json({ statusCode, message }, { status: statusCode });
}

function isEqual(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
