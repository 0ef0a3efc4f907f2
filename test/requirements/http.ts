import type { Requirements } from "./requirement.ts";

export const httpRequirements = {
  "RFC 6750 section 3.1, RFC 9728 section 5.1": {
    "challenge.without-error":
      "A request without credentials gets 401 and a challenge with the metadata's URL and the qualified scope, without an error code.",
  },
  "RFC 6750 section 3.1": {
    "challenge.invalid-token":
      "Every invalid token gets the same 401 `invalid_token` challenge; which check failed stands in the log alone.",
    "challenge.insufficient-scope":
      "A token without the delegated scope gets 403 `insufficient_scope` with the scope it needs.",
  },
  "RFC 6750 section 2.1, RFC 9110 section 11.1": {
    "bearer.header":
      "The access token is read from a single `Authorization: Bearer` credential, the scheme in any case; several credentials are refused.",
  },
  "https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#streamable-http": {
    "http.methods":
      "Any method but POST is answered at once on the MCP endpoint: 405 with a good token, and without one 401 and where to sign in.",
    "http.order":
      "What is wrong with a request is told in the order headers, address, token, method: without a token every method is answered 401 with the challenge.",
    "http.host":
      "A request under a host name that is not ours is refused with 403. Names are compared by meaning: in any case, with or without the default port and a final dot.",
    "http.origin":
      "A request from a browser origin that is not allowed is refused with 403. Origins are compared by scheme and host, those of browser extensions too; `null` is never allowed.",
  },
  "https://fetch.spec.whatwg.org/#http-cors-protocol": {
    "http.cors":
      "Allowed browser origins get their preflight answered without a token, and may read the challenge.",
  },
  "https://github.com/Azure/azure-functions-nodejs-library/issues/324": {
    "http.never-throws":
      "Whatever fails inside, the platform gets a response, and nothing of the failure passes outward.",
  },
  "docs/architecture.md, A request; https://github.com/Azure/azure-functions-nodejs-library/issues/324":
    {
      "http.never-fails-midway": "A response body never fails midway: it ends early instead.",
    },
  "RFC 9728 section 2": {
    "metadata.document":
      "The protected resource metadata names the MCP URL as the resource, the tenant's issuer and the qualified scope.",
  },
  "RFC 9110 section 15.5.6, https://fetch.spec.whatwg.org/#http-cors-protocol": {
    "http.public":
      "Metadata and health answer HEAD as GET, preflights of any page, and other methods with 405 and Allow, on the platform too.",
  },
  "RFC 9728 section 3.1": {
    "metadata.url":
      "The metadata's URL is made from the configured MCP URL, the well-known path in front of the resource's own.",
  },
  "RFC 9728 section 3.3; https://github.com/MicrosoftDocs/entra-docs/blob/main/docs/agent-id/secure-mcp-server-with-entra-id.md":
    {
      "metadata.each-host":
        "Every host name that clients use has its own metadata and challenge, which name its own MCP URL; other hosts get no metadata. Behind a proxy the platform's name is answered as the public URL.",
    },
  "src/health.ts": {
    "health.alive": "`/health` says that the process is alive, and nothing of what is inside.",
    "health.ready":
      "`/health/ready` says by name which dependencies can be reached, at most once in ten seconds, without details.",
  },
  "RFC 9111 section 3.5": {
    "http.not-stored": "No cache may store what a caller is told.",
  },
  "RFC 9110 section 15.5.14": {
    "http.body-size":
      "A body of more than 4 MiB is answered 413 and never held, one of countless small pieces 400; either is read on and thrown away within bounds. None is read without a caller.",
  },
  "RFC 9110 section 15.5.9": {
    "http.body-stalled":
      "An upload that stops arriving for 10 seconds, or takes a minute in all, is cut off with 408.",
  },
  "docs/security.md, Limits": {
    "http.json-limits":
      "JSON nested more than 64 deep, a message of more than 500 values, a batch of more than 2,000, or of more than 50 messages, is refused with 400. A call that is the only message of its request may have as many values as its tool says that it needs.",
    "http.unread":
      "An answer is made no faster than the platform takes it, and keeps its caller's place until then. One of which nothing is taken for 30 s is cut off, and so are the largest where all of an instance's are over 64 MiB.",
    "refusals.sums":
      "Requests that are refused before a caller's limit counts them (host, origin, headers, address, credentials missing, method) leave one line for each reason and minute: the first at once, the others as a sum, at the latest when the process ends.",
    "http.rate-values":
      "A call of more than 500 JSON values counts as a further message of its caller for each 500, up to a quarter of a minute's, before anything is done with it.",
    "http.rate-bytes":
      "Each 64 KiB that a request brings in or takes out count as a further message of its caller, those that are read and thrown away too.",
    "http.concurrency":
      "One caller runs at most half of what the platform gives an instance at the same time; at most a quarter more wait, for at most a minute, and the rest get 429 at once. A request runs until its answer's last byte.",
  },
  "https://www.jsonrpc.org/specification#batch": {
    "http.batch-ids":
      "A batch in which two requests have one id is refused with 400, and so is an id of more than 256 characters.",
  },
  "https://github.com/Azure/azure-functions-nodejs-library/blob/v4.x/src/http/HttpRequest.ts": {
    "http.headers-overridden":
      "A query or body member named `Headers`, which the platform would take for the request's headers, is refused; no gate judges headers that came in a body.",
  },
  "https://github.com/Azure/azure-functions-host, DefaultHttpProxyService": {
    "http.connections":
      "Connections from the platform stay open for longer than it keeps them unused, so that none closes under a request.",
    "http.body-read":
      "A body is never touched, read to its end, or its connection closes with the answer: no refusal leaves a part that would hang the platform's next request.",
  },
  "RFC 6585 section 5": {
    "http.header-size":
      "Headers of more than 16 KiB, or more than 100 of them, are answered 431, by the server itself up to what the platform lets through.",
  },
  "RFC 6585 section 4": {
    "http.rate-caller":
      "A caller who sends more messages in a minute than configured gets 429 with Retry-After; each message of a batch counts.",
    "http.rate-address":
      "A network address that sends more requests in a minute than configured gets 429, refused requests included; invented forwarding entries do not help.",
  },
  "RFC 7239 section 8.1": {
    "http.client-address":
      "The client's address is the entry of X-Forwarded-For that the outermost trusted hop wrote; an IPv6 address counts by its /64, an IPv4 one in an IPv6 form as itself, and whatever is no address as one.",
  },
  "https://learn.microsoft.com/entra/identity-platform/claims-challenge": {
    "claims.challenge":
      "Where the authority or Graph asks for more, a caller whose client can handle it gets 401 `insufficient_claims` with the claims in base64.",
  },
  "docs/security.md, Threat model": {
    "claims.own":
      "A challenge reaches the caller it is for, and nobody else, however requests interleave.",
  },
  "https://learn.microsoft.com/entra/identity-platform/reference-error-codes; RFC 6750 section 3.1":
    {
      "challenge.sign-in-ended":
        "Where an exchange says that the sign-in of the caller's token has expired or was revoked, a call that is alone in its request is answered 401 `invalid_token` with the metadata, so that the client refreshes or signs the person in; what is the server's own misconfiguration never is.",
    },
  "src/mcp/request-slot.ts": {
    "claims.single":
      "Only a request that holds one message, and whose answer has not begun, is challenged: what the rest of a batch has done is told, and not done twice.",
  },
} satisfies Requirements;
