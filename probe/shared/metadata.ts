import type { JsonObject } from "../../src/core/encoding.ts";
import { type Exchange, jsonOf, statusOf } from "./exchange.ts";

/** Below it lies the protected resource metadata (RFC 9728 section 3). */
export const wellKnownPath = "/.well-known/oauth-protected-resource";

/** Where the metadata document of a resource is: the path goes behind (RFC 9728 section 3.1). */
export function metadataUrl({ origin, pathname, search }: URL): URL {
  return new URL(`${wellKnownPath}${pathname === "/" ? "" : pathname}${search}`, origin);
}

/**
 * Where an authorization server's own document may be, in the order in which MCP clients look: the
 * places of RFC 8414, then that of OpenID Connect, where they differ.
 */
export function issuerDocumentUrls(issuer: URL): readonly URL[] {
  const path = pathOf(issuer);
  return [
    new URL(`/.well-known/oauth-authorization-server${path}`, issuer),
    new URL(`/.well-known/openid-configuration${path}`, issuer),
    ...(path === "" ? [] : [openidConfigurationUrl(issuer)]),
  ];
}

/** OpenID Connect Discovery section 4, the only place where Entra has a document. */
export function openidConfigurationUrl(issuer: URL): URL {
  return new URL(`${pathOf(issuer)}/.well-known/openid-configuration`, issuer);
}

function pathOf({ pathname }: URL): string {
  return pathname.replace(/\/$/, "");
}

/** Addresses of Entra that are everybody's and not one tenant's. */
export const everybodysAddress = /\/(?:common|organizations|consumers)(?:\/|$)/i;

/** The document that an exchange brought, if it brought one. */
export function documentOf(exchange: Exchange | undefined): JsonObject | undefined {
  return exchange && statusOf(exchange) === 200 ? jsonOf(exchange) : undefined;
}

/**
 * Whether `value` is the identifier of the resource at `target`: character for character, except
 * that a bare origin may leave out its slash (MCP authorization, Canonical Server URI).
 */
export function isResource(target: URL, value: unknown): boolean {
  return value === target.href || (value === target.origin && target.href === `${value}/`);
}

/** The scopes that a metadata document names. */
export function scopesOf(document: JsonObject | undefined): readonly string[] {
  return textsOf(document?.scopes_supported);
}

/** The texts in a list; none where it is no list. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

/** A scope's name without what qualifies it: `read` of `api://expenses/read`. */
export function nameOf(scope: string): string {
  return scope.replace(/^.*\//, "");
}

/** The API's identifier URI in a scope: `api://expenses` of `api://expenses/read`. */
export function qualifierOf(scope: string): string {
  return scope.replace(/\/[^/]*$/, "");
}

/** Scopes of OpenID Connect, which belong to no API. */
const openidScope = /^(?:openid|profile|email|offline_access)$/;

/** Whether a scope is one of an API's, and not of OpenID Connect. */
export function isOfApi(scope: string): boolean {
  return !openidScope.test(scope);
}

/** Whether a scope names its API: `api://expenses/read`, not `read`. */
export function isQualified(scope: string): boolean {
  if (!isOfApi(scope)) return true;
  return /^[a-z][a-z0-9+.-]*:\/\/[^/]+\/.+$/i.test(scope) || /^[0-9a-f-]{36}\/.+$/i.test(scope);
}
