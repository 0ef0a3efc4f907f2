import type { Requirements } from "./requirement.ts";

export const gatewayClientsRequirements = {
  "RFC 6749 section 3.1.2; RFC 8252 section 7": {
    "gateway-clients.redirect-uri.registered":
      "A redirect URI of a client of the gateway is https, http on localhost, 127.0.0.1 or [::1], or of a private scheme that the setting lists, without user name, fragment and wildcard.",
    "gateway-clients.redirect-uri.normal":
      "A redirect URI that is not written as a URL parser writes it is refused, and so is one with a backslash: nothing is mended.",
    "gateway-clients.redirect-uri.schemes":
      "Private schemes are those of the setting alone; schemes that a browser or a system acts on are refused even if they are listed, however they are written.",
  },
  "https://github.com/PrefectHQ/fastmcp/pull/3963": {
    "gateway-clients.redirect-uri.dots":
      "A redirect URI has no dot segments: neither plain, nor percent-encoded, nor between encoded slashes, nor with a parameter.",
  },
  "RFC 8252 section 7.3; RFC 9700 section 4.1.3": {
    "gateway-clients.redirect-uri.matched":
      "A redirect URI that is asked for is one of the client's to the letter; the port of http on a loopback host alone may differ.",
  },
  "RFC 8252 section 8.3": {
    "gateway-clients.redirect-uri.destination":
      "The gateway says where a redirect URI leads, and warns of loopback and of private schemes, where any program of the device may listen.",
  },
  "RFC 7591 section 3": {
    "gateway-clients.registration":
      "A client registers its name and 1 to 20 redirect URIs and is answered what holds, with no secret; what is not supported is refused by RFC 7591's errors or left out, and nothing that it names is fetched, shown or repeated.",
    "gateway-clients.registration.public":
      "Clients are public: authentication by a secret, a key or a certificate is refused in words that say so, and a client that names none is told that it has none.",
  },
  "RFC 7591 section 5; docs/gateway.md, Clients": {
    "gateway-clients.registration.bounded":
      "There are at most 1,000 registered clients, also when many register at once; one that nobody has signed in with is forgotten after a day.",
    "gateway-clients.registration.disuse":
      "A registered client that is used lives on for 30 days, or as long as a grant lives unused, which is written down at most once a day and never keeps a request from its answer.",
  },
  "docs/audit.md": {
    "gateway-clients.registration.audited":
      "Each registration is written down with its outcome, and nothing of a refused one.",
  },
  "docs/gateway.md, Clients": {
    "gateway-clients.ids":
      "The form of a client id alone says of which kind its client is: a registered one is random, looks like no URL and like no other id, and no client of one kind can stand for one of another.",
    "gateway-clients.allowed":
      "ALLOWED_CLIENT_IDS limits clients of all kinds, to the letter but for the letters of GUIDs, before anything is read or fetched.",
    "gateway-clients.domains":
      "Only documents on the hosts that the setting names, or below those that it begins with a dot, are fetched; without it, all.",
    "gateway-clients.settings":
      "A client is found with those of its redirect URIs that the settings allow now.",
    "gateway-clients.withdrawn":
      "A client that the settings name no longer, or whose document's domain they no longer allow, can be told by its id alone, for each token that it presents.",
    "gateway-clients.lanes":
      "A flood of made-up client ids makes the gateway fetch at most 20 documents a minute, and keeps out no client that somebody has signed in with.",
    "gateway-clients.store":
      "That the store cannot be reached is told apart from there being no such client.",
  },
  "https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/; RFC 6890": {
    "gateway-clients.document":
      "A client whose id is a URL is what the document there says, with the host as its domain.",
    "gateway-clients.public-network":
      "Documents are fetched from public addresses alone, in every IPv6 disguise, and nothing that is deployed can be told otherwise.",
  },
} satisfies Requirements;
