import { answerAuthorizationRequest } from "./authorize.ts";
import { answerClientDocuments } from "./client-documents/administrator.ts";
import { answerRegistration } from "./clients/client-registration.ts";
import type { Context } from "./context.ts";
import { answerAccounts, answerDemands, answerOutage } from "./controls.ts";
import { answerDeviceAuthorization } from "./device/device-authorization.ts";
import { answerDevicePage, devicePagePath } from "./device/device-page.ts";
import { discoveryDocument, discoveryPaths, endpointPaths, issuerOf } from "./discovery.ts";
import { answerLogin } from "./login.ts";
import { errorPage } from "./pages/page.ts";
import { startPage } from "./pages/start-page.ts";
import { Refusal, refusalBody, traceRefusal } from "./refusal.ts";
import { answerTokenRequest } from "./token-endpoint.ts";

interface Route {
  readonly methods: readonly string[];
  /** Pages of other origins may call it, as Entra lets single-page applications. */
  readonly crossOrigin: boolean;
  answer(request: Request, url: URL): Response | Promise<Response>;
}

/** The authority as one web-standard function. The URL's origin decides whose issuer it speaks as. */
export function createRouter(context: Context): (request: Request) => Promise<Response> {
  const tenantId = context.tenant.id;
  const pagesOrigin = new URL(context.issuer).origin;
  const issuer = (url: URL) => issuerOf(url.origin, tenantId);
  const routes = new Map<string, Route>();
  const serve = (path: string, methods: readonly string[], answer: Route["answer"]) =>
    routes.set(path, { methods, crossOrigin: false, answer });
  const serveAnyOrigin = (path: string, method: string, answer: Route["answer"]) =>
    routes.set(path, { methods: [method], crossOrigin: true, answer });

  for (const path of discoveryPaths(tenantId)) {
    serveAnyOrigin(path, "GET", (_, url) =>
      Response.json(
        discoveryDocument(url.origin, pagesOrigin, tenantId, {
          applicationId: url.searchParams.get("appid"),
          clientDocuments: context.advertisesClientDocuments,
        }),
      ),
    );
  }
  const { authorize, token, keys, register, login, deviceCode } = endpointPaths;
  serveAnyOrigin(`/${tenantId}${keys}`, "GET", (_, url) => answerKeys(context, url));
  serve(`/${tenantId}${authorize}`, ["GET"], (request, url) =>
    isEmbedded(request) && url.searchParams.get("prompt") !== "none"
      ? new Response("Open this in a window of its own.\n", { status: 400 })
      : answerAuthorizationRequest(context, url.searchParams, {
          channelIssuer: issuer(url),
          isPage: !isEmbedded(request),
        }),
  );
  for (const path of ["/", `/${tenantId}`, `/${tenantId}/v2.0`]) {
    const { displayName: serverName, url: serverUrl } = context.tenant.api;
    serve(path, ["GET"], (_, url) => startPage({ serverName, serverUrl, issuer: issuer(url) }));
  }
  serve(`/${tenantId}${login}`, ["POST"], (request) => answerLogin(context, request));
  serveAnyOrigin(`/${tenantId}${token}`, "POST", (request, url) =>
    answerTokenRequest(context, request, issuer(url)),
  );
  serveAnyOrigin(`/${tenantId}${register}`, "POST", (request) =>
    answerRegistration(context, request),
  );
  serve(`/${tenantId}${deviceCode}`, ["POST"], (request, url) =>
    answerDeviceAuthorization(context, request, url, pagesOrigin + devicePagePath),
  );
  serve(devicePagePath, ["GET", "POST"], (request) => answerDevicePage(context, request));
  serve("/_local/demands", ["POST", "DELETE"], (request) => answerDemands(context, request));
  serve("/_local/accounts", ["POST"], (request) => answerAccounts(context, request));
  serve("/_local/client-documents", ["POST"], (request) => answerClientDocuments(context, request));
  serve("/_local/outage", ["POST"], (request) => answerOutage(context, request));

  return async (request) => {
    const url = new URL(request.url);
    const route = routes.get(url.pathname);
    if (!route) return notFound(context, url);
    if (request.method === "OPTIONS" && route.crossOrigin) return preflight(route);
    if (request.method !== "GET" && !route.crossOrigin && isOfOtherPage(request)) {
      return new Response("Pages of other origins may not send this.\n", { status: 403 });
    }
    const response = route.methods.includes(request.method)
      ? await route.answer(request, url)
      : methodNotAllowed(context, request, route);
    if (route.crossOrigin) response.headers.set("Access-Control-Allow-Origin", "*");
    return response;
  };
}

/**
 * Whether a page loads this as an image, a script or a frame, which nobody sees: many of them would
 * end the sign-ins that wait for somebody (https://www.w3.org/TR/fetch-metadata/). Single-page
 * applications ask in a frame with `prompt=none`, which opens no sign-in.
 */
function isEmbedded(request: Request): boolean {
  return (request.headers.get("Sec-Fetch-Dest") ?? "document") !== "document";
}

/**
 * Whether another page sends this. It would read no answer, but a thousand requests for device codes would
 * end those that wait for somebody. Programs and this authority's own pages say nothing or `same-origin`
 * (https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header).
 */
function isOfOtherPage(request: Request): boolean {
  return /^(?:cross-site|same-site)$/.test(request.headers.get("Sec-Fetch-Site") ?? "");
}

/** Entra shows the key of a registration with a claims mapping only to those who ask for it. */
function answerKeys(context: Context, { searchParams }: URL): Response {
  if (context.controls.outage.keys) return refusalResponse(context, new Refusal("AADSTS90033"));
  const isForApi = searchParams.get("appid") === context.tenant.api.clientId;
  return Response.json((isForApi ? context.apiKey : context.key).keySet);
}

function preflight({ methods }: Route): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "Access-Control-Allow-Origin": "*",
      "Access-Control-Allow-Methods": methods.join(", "),
      // The wildcard does not cover Authorization: https://fetch.spec.whatwg.org/#http-new-header-syntax
      "Access-Control-Allow-Headers": "*, Authorization",
      "Access-Control-Max-Age": "600",
    },
  });
}

function methodNotAllowed(context: Context, request: Request, { methods }: Route): Response {
  const allowed = methods.join(", ");
  const refusal = new Refusal(
    "AADSTS900561",
    `The endpoint only accepts ${allowed} requests. Received a ${request.method} request.`,
  );
  const response = refusalResponse(context, refusal, 405);
  response.headers.set("Allow", allowed);
  return response;
}

/** A path of another tenant gets Entra's words for it, on a page where somebody is looking. */
function notFound(context: Context, url: URL): Response {
  const [, tenant = "", ...rest] = url.pathname.split("/");
  const path = `/${rest.join("/")}`;
  const known = [...Object.values<string>(endpointPaths), "/v2.0/.well-known/openid-configuration"];
  if (!known.includes(path)) return new Response("There is nothing here.\n", { status: 404 });
  const refusal = new Refusal(
    "AADSTS90002",
    `Tenant '${tenant}' not found. This authority has one tenant: '${context.tenant.id}'.`,
  );
  return path === endpointPaths.authorize
    ? errorPage(refusal, traceRefusal(context.now()))
    : refusalResponse(context, refusal);
}

function refusalResponse(context: Context, refusal: Refusal, status?: number): Response {
  return Response.json(refusalBody(refusal, traceRefusal(context.now())), {
    status: status ?? refusal.status,
    headers: {
      "Cache-Control": "no-store",
      ...(refusal.status === 503 ? { "Retry-After": "1" } : {}),
    },
  });
}
