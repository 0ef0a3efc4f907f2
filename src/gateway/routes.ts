import type { Gateway } from "./gateway.ts";

/** A path, without the slash it begins with, and what is served there. */
interface GatewayRoute {
  /** Of its trigger. */
  readonly name: string;
  readonly route: string;
  readonly endpoint: keyof Gateway;
}

/** Where the gateway's endpoints are. */
export const gatewayRoutes: readonly GatewayRoute[] = [
  { name: "gateway-mcp", route: "gateway/mcp", endpoint: "mcp" },
  {
    name: "gateway-resource-metadata",
    route: ".well-known/oauth-protected-resource/gateway/mcp",
    endpoint: "protectedResourceMetadata",
  },
  {
    name: "gateway-metadata",
    route: ".well-known/oauth-authorization-server/gateway",
    endpoint: "authorizationServerMetadata",
  },
  // OpenID Connect Discovery appends the path that RFC 8414 inserts.
  {
    name: "gateway-metadata-openid",
    route: "gateway/.well-known/openid-configuration",
    endpoint: "authorizationServerMetadata",
  },
  { name: "gateway-jwks", route: "gateway/jwks", endpoint: "jwks" },
  { name: "gateway-authorize", route: "gateway/authorize", endpoint: "authorize" },
  { name: "gateway-callback", route: "gateway/callback", endpoint: "callback" },
  { name: "gateway-token", route: "gateway/token", endpoint: "token" },
  { name: "gateway-revoke", route: "gateway/revoke", endpoint: "revoke" },
  { name: "gateway-register", route: "gateway/register", endpoint: "register" },
  { name: "gateway-connections", route: "gateway/connections", endpoint: "connections" },
];
