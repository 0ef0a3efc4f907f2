import type { Requirements } from "./requirement.ts";

export const gatewayRequirements = {
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
  "https://fetch.spec.whatwg.org/#http-cors-protocol": {
    "gateway.cors":
      "Pages of any origin may read the gateway's metadata, keys, token, revocation and registration endpoints, without cookies; no foreign page may read one of its own pages.",
  },
  "RFC 9110 section 15.5.6": {
    "gateway.methods":
      "Each endpoint of the gateway serves its methods, HEAD where GET is public, and answers all others with 405 and Allow.",
  },
} satisfies Requirements;
