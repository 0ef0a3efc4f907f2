import type { Requirements } from "./requirement.ts";

export const gatewaySignInRequirements = {
  "https://cheatsheetseries.owasp.org/cheatsheets/Cross_Site_Scripting_Prevention_Cheat_Sheet.html":
    {
      "gateway.pages.escaping":
        "What a page of the gateway says of a client or a request is text: nothing of it becomes markup.",
    },
  "https://www.w3.org/TR/CSP3/": {
    "gateway.pages.policy":
      "A page of the gateway loads nothing, runs no script, is framed by nobody, is kept by no cache, sends its form to this server alone, and shows its address to no other server.",
    "gateway.pages.goes-on":
      "A page that answers a form goes on to another server by Refresh, and has a link to it; what could not stand in a header as it is goes into none.",
  },
  "https://www.w3.org/TR/WCAG22/": {
    "gateway.pages.readable":
      "A page of the gateway has a language and a heading, can be read on a phone, in light and dark, and used by keyboard.",
  },
  "RFC 6749 section 4.1.2.1": {
    "gateway.pages.errors":
      "An error page says what is wrong to the person and to whoever wrote the client, and when it is worth trying again.",
  },
} satisfies Requirements;
