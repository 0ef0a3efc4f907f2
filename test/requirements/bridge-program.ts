import type { Requirements } from "./requirement.ts";

/** The bridge as a whole: against hostile servers, and as the package that people install. */
export const bridgeProgramRequirements = {
  "https://modelcontextprotocol.io/specification/2026-07-28/basic/security_best_practices#confused-deputy-problem":
    {
      "bridge.hostile.confused":
        "No server chooses the client, the scope or the resource of a sign-in: each is the user's, or the URL that the user gave.",
    },
  "RFC 9728 section 7.6; https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud":
    {
      "bridge.hostile.authority":
        "A server can name a tenant of Microsoft's clouds alone as its authority, and the same one each time; no look-alike is asked or shown, and an authority's metadata leads nowhere else.",
      "bridge.hostile.metadata":
        "Metadata of a server or of an authority that has no end, is no JSON or describes something else is told in words, and opens no page.",
    },
  "https://github.com/advisories/GHSA-6xpm-ggf7-wc3p": {
    "bridge.hostile.page":
      "The browser is given pages of the authority alone, as one argument without a character of a shell, and no shell is between.",
  },
  "RFC 9700 section 4.11": {
    "bridge.hostile.redirect":
      "No redirect of a server takes the access token, or any request, to another place.",
  },
  "https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/": {
    "bridge.hostile.endless":
      "A message, document or header of a server that does not end is given up after a bounded size, and an endless stream when nobody waits for it.",
    "bridge.hostile.depth": "JSON without an end to its depth is refused; the program goes on.",
  },
  "https://modelcontextprotocol.io/specification/2026-07-28/basic/transports#stdio": {
    "bridge.hostile.noise":
      "A server can write no line of its own to the client, no character that commands a terminal, and no token; what it sends in vain is logged once for each answer.",
    "bridge.hostile.words":
      "In an error of the bridge's a server's words stand in quotes, on one line and cut; no error of a server passes for the bridge's.",
    "bridge.hostile.names":
      "Methods with the names of JavaScript's own members are passed on like any other.",
    "bridge.defect":
      "What nobody foresaw is told to the client that waits, logged by its place, and ends nothing.",
  },
  "docs/bridge.md, Troubles": {
    "bridge.hostile.tabs":
      "However many requests a server refuses, and with whatever claims, few sign-in pages open.",
  },
  "docs/bridge.md, Install": {
    "bridge.package":
      "The bridge packs by itself: one bundle with the licenses of what it holds, of the project's version.",
    "bridge.package.install":
      "The packed bridge installs in an empty folder with npm alone, and runs.",
  },
} as const satisfies Requirements;
