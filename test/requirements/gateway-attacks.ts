import type { Requirements } from "./requirement.ts";

export const gatewayAttacksRequirements = {
  "docs/gateway.md, Threats": {
    "gateway-attacks.list":
      "Each threat to the gateway has attacks, at least 60 in all, that are tried on the whole of it, but for those to its deployment.",
    "gateway-attacks.guards":
      "Each attack succeeds against a server without the guard that keeps it off, which serves honest clients like any other.",
    "gateway-attacks.redirect-uri":
      "No code and no error leads a browser to a redirect URI that is not the client's, and no client can register one that leads elsewhere than it says.",
    "gateway-attacks.scheme":
      "No redirect URI has a scheme that runs something, or one that the settings do not name.",
    "gateway-attacks.consent-skipped":
      "Nobody gets to Entra, and no client gets a code, without the person's consent to this client and this request, now.",
    "gateway-attacks.consent-forged":
      "No page but the gateway's own, shown in this browser a short while ago, can consent in the person's name.",
    "gateway-attacks.markup":
      "Nothing that a client or a link says becomes markup, or disguises itself, on a page of the gateway.",
    "gateway-attacks.impersonation":
      "No client passes for another: neither by its id nor by its document nor by the host that it is at.",
    "gateway-attacks.other-browser":
      "A sign-in ends in the browser that began it, and nowhere else.",
    "gateway-attacks.sign-in-reused":
      "A sign-in ends once, with the code of its own, within ten minutes.",
    "gateway-attacks.mix-up":
      "A client is told which server answers, and an answer of another authority than Entra's is not taken for Entra's.",
    "gateway-attacks.code":
      "A code that was stolen, guessed at, replayed or kept is worth nothing without the client's verifier, and a second use ends what the first one began.",
    "gateway-attacks.refresh-token":
      "A stolen refresh token gives no second line of tokens: it is good once, for its client, and to use it again ends the grant.",
    "gateway-attacks.throttled":
      "No client has Entra throttle the gateway, and so everybody's clients, by refreshing on and on.",
    "gateway-attacks.race":
      "Of several that use a code, a sign-in or a refresh token at the same moment, one gets what it is good for.",
    "gateway-attacks.access-token":
      "An access token that was forged, changed, or has expired lets nobody in.",
    "gateway-attacks.token-elsewhere":
      "No token is accepted but where it belongs: neither Entra's nor another's at the gateway, neither the gateway's nor those of its registration at /mcp.",
    "gateway-attacks.more-than-granted":
      "No client gets tokens for another resource or for more than the person has allowed.",
    "gateway-attacks.invented-token":
      "Nobody can end somebody's grant by a token that was made up or written in another way.",
    "gateway-attacks.store":
      "Whoever reads the store and the keys finds nothing that acts for a person, and whoever writes to the store cannot join what belongs to different grants.",
    "gateway-attacks.private-network":
      "No client's document makes the server ask an address that is not public, in whichever way the address is written, or read more than a small document.",
    "gateway-attacks.registrations":
      "Registrations neither fill the store nor promise a client a secret that protects nothing.",
    "gateway-attacks.outlived":
      "A grant ends with the person's right to it: when Entra says so, when it is revoked or not used, and in any case after a while, within ten seconds on every instance.",
    "gateway-attacks.other-person":
      "What Entra gives for another person, client or audience becomes no part of a grant.",
    "gateway-attacks.connections":
      "A person's connections are seen and ended by whoever has just signed in as them, in their browser, and by no page of others.",
    "gateway-attacks.gates":
      "No request gets round what the gateway judges it by: its host, its own headers, the parameters as they stand, and where its answer may be read.",
  },
} satisfies Requirements;
