import type { Requirements } from "./requirement.ts";

export const authsuiteRequirements = {
  "docs/authsuite.md": {
    "authsuite.laptop":
      "The laptop stack passes every check of the authorization suite that applies, those that need the authority's key included.",
    "authsuite.gateway":
      "The laptop's gateway passes every check of the authorization suite that needs no key of its own, signed in by the gateway itself. One host may have several resources, of which the root shows one.",
    "authsuite.clean": "A server without defects passes every check of the authorization suite.",
    "authsuite.foreign":
      "Of a server that others wrote with the official SDK the authorization suite says nothing that its source does not ask for.",
    "authsuite.finds-defects":
      "The authorization suite finds each of more than a hundred planted defects by the checks that name it, and reports nothing else.",
    "authsuite.any-server":
      "The authorization suite needs nothing but a URL: what lacks a token, a key or Entra is reported as not applicable.",
    "authsuite.cannot-run":
      "Where the authorization suite cannot run (no server, a refused token, another key) it says why and ends with 2.",
    "authsuite.report":
      "A finding says what was sent, expected and got, and the RFC or specification section; nothing that a server says can write elsewhere on a terminal.",
    "authsuite.json":
      "With --json the authorization suite prints one JSON document with every check and its outcome.",
    "authsuite.exit-code":
      "The authorization suite ends with 0 where all that applies has passed, with 1 where there are findings, and with 2 where it could not run or judge.",
    "authsuite.documented": "The documentation lists every check with its source.",
    "authsuite.independent":
      "The authorization suite, with what it shares with the doctor, knows the server it checks from outside alone: of the project it uses the laptop stack's records, in one file.",
  },
  "RFC 6585 section 4": {
    "authsuite.rate-limited":
      "A check whose requests were limited (429) is reported as one that could not be judged, never as passed.",
    "authsuite.polite":
      "The authorization suite sends a few hundred requests at most, a few at a time, none twice, and waits as long as a 429 asks.",
  },
  "RFC 6750 section 5.3": {
    "authsuite.no-secrets":
      "No report shows a token or key that the authorization suite was given.",
  },
  "RFC 9700 section 4.12, RFC 9728 section 7.7": {
    "authsuite.token-stays":
      "The authorization suite sends credentials to the MCP URL alone, never over plain http but on this machine, and asks nothing of this machine or a private network because a server elsewhere names it: what counts is the address that is connected to.",
  },
  "https://cwe.mitre.org/data/definitions/150.html": {
    "authsuite.hostile":
      "Whatever a server sends, the authorization suite ends in time, with a report that writes nowhere else on a terminal and JSON that is valid.",
  },
} satisfies Requirements;
