import type { Requirements } from "./requirement.ts";

export const gatewayConnectionsRequirements = {
  "docs/privacy.md, Connected applications": {
    "gateway.connections.sign-in":
      "Whoever asks for the connections without a session signs in with Entra first, anew, however recently they have.",
    "gateway.connections.session":
      "The session lasts ten minutes from the sign-in on, is held by a cookie for this host alone that no script reads, stands in the store as a hash, and is known to every instance.",
    "gateway.connections.list":
      "The page lists what the person has connected and nobody else's: name, domain, where it returns to, since when, when last used, when it ends, in UTC; what a client says of itself is text.",
    "gateway.connections.end":
      "The person ends one connection, all of them, or the session; what has ended is not found a second time.",
    "gateway.connections.outage":
      "Where the store or the keys are out of reach the page says so with 503, says nothing of what was not done to be done, and the same can be tried again.",
    "gateway.connections.erased":
      "A domain can end all of a person's connections and nobody else's; where one cannot be ended, it is told, and the next try ends the rest.",
  },
  "docs/audit.md": {
    "gateway.connections.audited":
      "Each connection that ends by its person's wish is an event of the audit log with person and client, and so is a form that is refused.",
  },
  "https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html":
    {
      "gateway.connections.forms":
        "A form of the page does only what it was shown for, in the session that it was shown in: without a session, in another one, after its end, changed or made up it does nothing.",
    },
  "https://cheatsheetseries.owasp.org/cheatsheets/Clickjacking_Defense_Cheat_Sheet.html": {
    "gateway.connections.framing":
      "The page of connections is framed by nobody, and kept by no cache.",
  },
  "https://www.w3.org/TR/WCAG22/": {
    "gateway.connections.readable":
      "The page of connections can be read and used on a phone and a desktop, in light and dark, with long names, by keyboard and by assistive technology.",
  },
} satisfies Requirements;
