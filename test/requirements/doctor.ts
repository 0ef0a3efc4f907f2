import type { Requirements } from "./requirement.ts";

export const doctorRequirements = {
  "docs/doctor.md": {
    "doctor.healthy":
      "The doctor finds nothing wrong with the laptop stack, with a token and a call on somebody's behalf, and ends with 0.",
    "doctor.first":
      "Against servers broken in more than forty ways the doctor names the cause first, with its remedy.",
    "doctor.not-repeated":
      "What only follows from a finding is said to be not looked at, and is no finding of its own.",
    "doctor.no-secrets":
      "The doctor shows no token, no piece of one, and nobody's personal data, even if the server repeats them.",
    "doctor.report":
      "The doctor's report tells of each finding what, evidence, cause and remedy, differs in colour alone on a terminal, and says the same as JSON.",
    "doctor.exit-code":
      "The doctor ends with 0 where all is well, 1 where there are findings, 2 where it cannot run or judge.",
    "doctor.command-line":
      "The doctor takes the token from standard input or the environment, so that it stands in no shell's history, and says what is wrong with its arguments.",
    "doctor.documented":
      "The documentation lists every check, and its sample output is what the doctor prints.",
  },
  "RFC 6125, RFC 5280 section 6": {
    "doctor.tls":
      "The doctor tells an expired certificate, one for another name and an untrusted one apart.",
  },
  "https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference": {
    "doctor.token":
      "The doctor judges a given token claim by claim, by the server's clock, and names the first thing that is wrong with it.",
  },
  "RFC 9110 section 6.6.1": {
    "doctor.clock":
      "The doctor names a clock that differs from the authority's, without a token, also where the server's and this machine's agree.",
  },
  "https://learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow": {
    "doctor.on-behalf":
      "With --call the doctor proves the on-behalf-of exchange, or says what lies behind its failure.",
  },
  "RFC 9700 section 4.12, RFC 9728 section 7.7": {
    "doctor.token-stays":
      "The doctor sends the token to the MCP URL alone, follows no redirect, and asks nothing of this machine or a private network because a server elsewhere names it: what counts is the address that is connected to.",
  },
  "https://cwe.mitre.org/data/definitions/150.html": {
    "doctor.hostile":
      "Whatever a server sends, the doctor ends in time, with a report that writes nowhere else on a terminal and JSON that is valid.",
  },
  "https://learn.microsoft.com/entra/identity-platform/reference-error-codes": {
    "doctor.explain":
      "--explain says what Entra's errors mean and what to do, from codes with or without their prefix, several at once, or a whole message.",
  },
} satisfies Requirements;
