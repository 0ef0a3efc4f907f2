import type { Requirements } from "./requirement.ts";

export const gatewayRequirements = {
  "https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization": {
    "gateway.conformance.server":
      "Clients of every version of the protocol find the gateway's metadata, and get tokens for a code with S256 and with nothing less.",
    "gateway.conformance.security":
      "No answer goes to an address that the client has not registered, every answer names the issuer, tokens are for the one resource, and refresh tokens need no scope to be asked for.",
    "gateway.conformance.registration":
      "Clients register themselves, are set, or have a document; all are public, and each kind goes the whole way.",
    "gateway.conformance.resource":
      "The resource's challenge and metadata lead to the gateway, it takes tokens of its own audience alone, and asking for more than was granted spends nothing.",
    "gateway.conformance.lifecycle":
      "Refresh tokens are replaced and may be retried until the successor is used; what is revoked, replayed or reused ends with all that came of it, and by its own client alone.",
  },
  "docs/gateway-oracle.md": {
    "gateway.oracle":
      "To requests and attacks of one list the gateway answers as oidc-provider does, with the same capabilities; where it does not, the reason is written down, and holds.",
  },
  "docs/configuration.md, The gateway": {
    "gateway.settings":
      "The gateway's settings are read with the server's, and those that are missing, malformed or contradict each other are named in the same message. It is off by default.",
    "gateway.allowed-clients":
      "One list names the clients that may call, those of Entra by GUID and those of the gateway by URL or id; a list that names no client of one side lets none of that side in.",
  },
  "RFC 6749 section 3.1 and appendix B": {
    "gateway.parameters":
      "Parameters are read as strictly as OAuth asks: repeated ones, malformed encodings, control characters and more of them than any request needs are refused, and empty ones count as absent.",
  },
  "docs/gateway.md, Threats": {
    "gateway.hosts":
      "The gateway answers under the issuer's host alone; behind a proxy the platform's name counts as that.",
    "gateway.headers":
      "No endpoint of the gateway judges headers that came in a query or body, or more than 16 KiB of them.",
    "gateway.bodies":
      "An endpoint of the gateway reads a form or a JSON document of at most 64 KiB, whichever is its type, and no other body. What it answers is for no cache, unless it is a public document.",
    "gateway.rates":
      "The gateway's requests count against the limit of their address together with those to /mcp, and registrations against a lower one.",
  },
  "docs/gateway.md, Tokens and lifetimes": {
    "gateway.entra-down":
      "While Entra is out of reach a client of either era is refused its refresh for now; when Entra is back it goes on without its person.",
    "gateway.account-disabled":
      "Once a person's account is disabled, the next refresh of their client ends the grant, and nobody can sign in with it until it is enabled.",
  },
  "docs/gateway.md, Running it": {
    "gateway.only-scope":
      "A tool that needs a further scope is refused in words through the gateway, which grants none: nobody is sent to sign in for it.",
    "gateway.connection-ended":
      "A person sees in a browser which applications are connected, and ends a connection; the client has to have them sign in again.",
    "gateway.two-accounts":
      "Two people use the gateway side by side, each as themselves; when one deletes their data, their client is refused from then on and the other's is not.",
  },
  "docs/clients.md, Through the gateway": {
    "gateway.inspector":
      "The Inspector's web page connects to the gateway by its URL alone, over consent and sign-in in a browser; its command line does by a token.",
    "gateway.mcp-remote":
      "mcp-remote, which makes a stdio server of a remote one, connects to the gateway by its URL alone, refreshes while it runs, and after a restart needs no sign-in.",
    "gateway.client-document":
      "An official client of either era whose client id is the URL of its document gets through the gateway to a call, without registering, and refreshes.",
  },
  "docs/gateway.md, How it works": {
    "gateway.everything":
      "Through the gateway the official clients of both eras reach every tool, resource, template, prompt and completion of the laptop stack.",
    "gateway.clients-of-both-eras":
      "The official clients of both eras need nothing but the URL of /gateway/mcp: they register, sign a person in, call tools that act for them at Microsoft Graph, and refresh by themselves.",
    "gateway.whole-way":
      "From registration over consent and Entra's sign-in to a call, a client holds tokens of the gateway alone; a tool acts for the person with Entra's token, by the same on-behalf-of exchange as on /mcp, and the log names person and client.",
    "gateway.challenge":
      "A claims challenge of a call ends the grant that it came by and answers a plain 401; the person's next sign-in with that client asks Entra for what is demanded, and fulfils it.",
    "gateway.off":
      "Where the gateway is off none of its paths is registered, and nothing is kept or asked for on its behalf.",
    "gateway.readiness":
      "With the gateway on, the server is ready where its container and its keys can be had too.",
  },
  "RFC 8414 section 2": {
    "gateway.metadata":
      "The gateway's metadata names its endpoints, S256, the authentication method none, client documents and the issuer in answers, and registration only where that is on; the same document is complete by OpenID Connect Discovery.",
  },
  "RFC 9068 section 4": {
    "gateway.own-tokens":
      "/mcp refuses tokens of the gateway, and tokens of Entra that were issued to the gateway's registration; /gateway/mcp refuses tokens of Entra.",
  },
  "RFC 7009 section 2": {
    "gateway.revoked.everywhere":
      "Once a token is revoked, no token of its grant is accepted, and none is refreshed.",
  },
  "docs/commands.md": {
    "gateway.command":
      "`npm run token -- ACCOUNT --gateway` prints an access token of the gateway, by the whole way through registration, consent and sign-in.",
  },
  "https://fetch.spec.whatwg.org/#http-cors-protocol": {
    "gateway.cors":
      "Pages of any origin may read the gateway's metadata, keys, token, revocation and registration endpoints, without cookies; no foreign page may read one of its own pages.",
  },
  "https://www.w3.org/TR/fetch-metadata/": {
    "gateway.own-forms":
      "A page of the gateway takes no form that the browser says another site or a neighbouring host has sent.",
  },
  "RFC 9110 section 15.5.6": {
    "gateway.methods":
      "Each endpoint of the gateway serves its methods, HEAD where GET is public, and answers all others with 405 and Allow.",
  },
} satisfies Requirements;
