import type { Requirements } from "./requirement.ts";

export const doctorRequirements = {
  "docs/doctor.md": {
    "doctor.healthy":
      "The doctor finds nothing wrong with the laptop stack, with a token and a call on somebody's behalf, and ends with 0.",
    "doctor.gateway":
      "The doctor finds nothing wrong with the laptop's gateway, by a token of the gateway, and says of a token of Entra that it is not for it.",
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
  "https://github.com/anthropics/claude-ai-mcp/issues/977; https://github.com/anthropics/claude-code/issues/52871":
    {
      "doctor.mismatch":
        "Without a sign-in the doctor tells the causes of AADSTS9010010 apart: a URI that is not in the list to the letter, tokens that are not version 2.0, a scope of another registration. It says how sure it is, and the command for what only somebody with rights in the tenant sees.",
      "doctor.sign-in":
        "The doctor names a client, a scope or a resource that the authority refuses before anybody signs in, and says where the authority does not look that early.",
    },
  "OpenID Connect Core 1.0, sections 3.1.2.1 and 3.1.2.6": {
    "doctor.sign-in-silent":
      "What the doctor asks at the authorization endpoint shows nobody a page, carries no cookie, is not followed, and ends in no sign-in.",
  },
  "RFC 6749 section 4.1.2.1": {
    "doctor.sign-in-answers":
      "The doctor understands an error in the redirect to the client, on Entra's pages and as JSON.",
  },
  "https://learn.microsoft.com/entra/identity-platform/reference-error-codes": {
    "doctor.explain":
      "--explain says what Entra's errors mean and what to do, from codes with or without their prefix, several at once, or a whole message.",
  },
} satisfies Requirements;
