import type { Requirements } from "./requirement.ts";

/** The bridge as a whole: against hostile servers, and as the package that people install. */
export const bridgeProgramRequirements = {
  "RFC 9700 section 4.12; https://github.com/advisories/GHSA-6xpm-ggf7-wc3p": {
    "bridge.hostile.redirect":
      "No redirect of a server takes the access token, or any request, to another place.",
  },
  "https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/": {
    "bridge.hostile.endless":
      "A message, document or header of a server that does not end is given up after a bounded size, and an endless stream when nobody waits for it.",
    "bridge.hostile.depth": "JSON without an end to its depth is refused; the program goes on.",
  },
  "https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#stdio": {
    "bridge.hostile.unasked":
      "What a server sends beyond the answer to a request, and what its revision allows, does not reach the client.",
    "bridge.hostile.noise":
      "A server can write no line of its own to the client, no character that commands a terminal, and no token.",
  },
  "https://github.com/geelen/mcp-remote/issues/68": {
    "bridge.hostile.loop":
      "A server that refuses every token, or demands ever other claims, is asked a few times and then told of in words.",
  },
  "docs/bridge.md, Install": {
    "bridge.package":
      "The bridge packs by itself: one bundle with the licenses of what it holds, of the project's version.",
    "bridge.package.install":
      "The packed bridge installs in an empty folder with npm alone, and runs.",
  },
} as const satisfies Requirements;
