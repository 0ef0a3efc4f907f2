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
} satisfies Requirements;
