import type { Requirement } from "./requirement.ts";

const mcpTransport =
  "https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#streamable-http";

export const httpRequirements = [
  {
    id: "challenge.without-error",
    what: "A request without credentials gets 401 and a challenge with the metadata's URL and the qualified scope, without an error code.",
    source: "RFC 6750 section 3, RFC 9728 section 5.1",
  },
  {
    id: "challenge.invalid-token",
    what: "Every invalid token gets the same 401 `invalid_token` challenge; which check failed stands in the log alone.",
    source: "RFC 6750 section 3.1",
  },
  {
    id: "challenge.insufficient-scope",
    what: "A token without the delegated scope gets 403 `insufficient_scope` with the scope it needs.",
    source: "RFC 6750 section 3.1",
  },
  {
    id: "bearer.header",
    what: "The access token is read from a single `Authorization: Bearer` credential, the scheme in any case; several credentials are refused.",
    source: "RFC 6750 section 2.1, RFC 9110 section 11.1",
  },
  {
    id: "http.methods",
    what: "Any method but POST is answered 405 at once on the MCP endpoint, with or without a token.",
    source: mcpTransport,
  },
  {
    id: "http.host",
    what: "A request under a host name that is not ours is refused with 403.",
    source: mcpTransport,
  },
  {
    id: "http.origin",
    what: "A request from a browser origin that is not allowed is refused with 403.",
    source: mcpTransport,
  },
  {
    id: "http.cors",
    what: "Allowed browser origins get their preflight answered without a token, and may read the challenge.",
    source: "https://fetch.spec.whatwg.org/#http-cors-protocol",
  },
  {
    id: "http.never-throws",
    what: "Whatever fails inside, the platform gets a response, and nothing of the failure passes outward.",
    source: "https://github.com/Azure/azure-functions-nodejs-library/issues/324",
  },
  {
    id: "http.never-fails-midway",
    what: "A response body never fails midway: it ends early instead.",
    source: "design: Azure Functions",
  },
  {
    id: "metadata.document",
    what: "The protected resource metadata names the MCP URL as the resource, the tenant's issuer and the qualified scope, and any origin may read it.",
    source: "RFC 9728 section 2",
  },
  {
    id: "metadata.url",
    what: "The metadata's URL is made from the configured MCP URL, the well-known path in front of the resource's own.",
    source: "RFC 9728 section 3.1",
  },
  {
    id: "health.alive",
    what: "`/health` says that the process is alive, and nothing of what is inside.",
    source: "design: HTTP",
  },
  {
    id: "health.ready",
    what: "`/health/ready` says by name which dependencies can be reached, at most once in ten seconds, without details.",
    source: "design: HTTP",
  },
] as const satisfies readonly Requirement[];
