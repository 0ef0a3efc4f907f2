import type { Requirements } from "./requirement.ts";

export const gatewaySignInRequirements = {
  "https://cheatsheetseries.owasp.org/cheatsheets/Cross_Site_Scripting_Prevention_Cheat_Sheet.html":
    {
      "gateway.pages.escaping":
        "What a page of the gateway says of a client or a request is text: nothing of it becomes markup.",
    },
  "https://www.w3.org/TR/CSP3/": {
    "gateway.pages.policy":
      "A page of the gateway loads nothing, runs no script, is framed by nobody, is kept by no cache, sends its form to this server alone, and tells its address to nobody.",
    "gateway.pages.goes-on":
      "A page goes on to another server by Refresh, whatever the form before it may lead to, and has a link to it; what could not stand in a header as it is goes into none.",
  },
  "https://www.paulosyibelo.com/2024/12/doubleclickjacking-what.html": {
    "gateway.pages.double-click":
      "The second click of a double click, whose first has brought a page of the gateway to light, presses nothing on it.",
  },
  "https://www.w3.org/TR/WCAG22/": {
    "gateway.pages.readable":
      "A page of the gateway has a language and a heading, can be read on a phone, in light and dark, and used by keyboard.",
  },
  "RFC 6749 section 4.1.2.1": {
    "gateway.consent.deny":
      "Whoever denies goes back to the client, which is told access_denied with its state.",
    "gateway.authorize.client-first":
      "Until client and redirect URI are known to be right, and until the person consents, whatever is wrong with a request is told on a page of the gateway, and nothing leads to the client.",
    "gateway.authorize.client-problems":
      "A client that is not known, not allowed or cannot be looked up is told of in words, and as a passing trouble where it is one.",
    "gateway.pages.errors":
      "An error page says what is wrong to the person and to whoever wrote the client, and when it is worth trying again.",
  },
  "RFC 8252 section 7.3": {
    "gateway.authorize.loopback-port": "Of a loopback redirect URI the port may vary.",
  },
  "RFC 6749 section 3.1": {
    "gateway.authorize.parameters":
      "Only the code flow is served: other response types and modes, request objects, prompt=none and an endless state are refused, and unknown parameters ignored.",
    "gateway.authorize.repeated":
      "A parameter that is there twice, a body that cannot be read and a query beside a form decide nothing.",
  },
  "RFC 7636 section 4.3": {
    "gateway.authorize.pkce": "A request without an S256 code challenge is refused.",
  },
  "RFC 8707 section 2": {
    "gateway.authorize.resource":
      "A request for another resource is refused; without one it is for the gateway's own.",
  },
  "RFC 6749 section 3.3": {
    "gateway.authorize.scope":
      "The gateway's one scope is granted to whoever asks for it or for none, and a request for unknown ones alone is refused.",
  },
  "https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices": {
    "gateway.consent.each-time":
      "The person is asked each time, however often they have consented: no cookie stands for their consent.",
    "gateway.consent.words":
      "The consent page says who asks, who vouches for that, for what, on which server, and where the person returns to.",
    "gateway.consent.loopback":
      "The consent page warns of a return to an address that any program on the device can take.",
    "gateway.consent.cookie":
      "The cookie that binds the consent page to the browser is random, and no other site can set it or send it with a form.",
    "gateway.consent.allow":
      "Entra is reached after the person has consented, with a state that is made then, and not while it could not be kept.",
    "gateway.consent.csrf":
      "A consent form counts only as it was shown, for this very request, in this browser.",
    "gateway.consent.judged-again":
      "When the form comes back, the request and its client are judged again, and the person has consented to nothing that has changed or lay for half an hour.",
    "gateway.consent.keys": "While the key ring is out of reach nobody is asked.",
    "gateway.sign-in.browser":
      "A sign-in ends in the browser that began it, by a cookie of its own that no other site can set; another browser neither ends it nor uses it up.",
    "gateway.sign-in.side-by-side": "Several sign-ins can go on in one browser.",
    "gateway.sign-in.once":
      "The state of a sign-in is random and used once, whoever asks at the same time and whatever comes of it.",
    "gateway.sign-in.ten-minutes": "A sign-in that has begun is good for ten minutes.",
  },
  "RFC 6749 section 4.1.2": {
    "gateway.callback.code":
      "After the sign-in the client gets a code, with its state, at the address that it asked for.",
    "gateway.callback.header":
      "What a client sends as its state comes back to it encoded, and becomes no other parameter or header.",
  },
  "RFC 9700 section 4.4": {
    "gateway.sign-in.mix-up":
      "An answer that names another authority than Entra's tenant, or has an error, is none to go on with.",
    "gateway.sign-in.repeated":
      "An answer with a parameter twice is refused, and uses up no sign-in.",
  },
  "RFC 9700 section 2.1.1": {
    "gateway.sign-in.pkce":
      "Each sign-in at Entra has a code challenge of its own, and its verifier takes both the state and a key of the server.",
    "gateway.sign-in.hashes":
      "Neither the state, nor the browser's cookie, nor the code verifier can be read from the store.",
  },
  "docs/gateway.md, How it works": {
    "gateway.sign-in.instances":
      "Another instance than the one that began a sign-in ends it, and none uses it again that it still sees.",
    "gateway.sign-in.unavailable":
      "While store or keys are out of reach a sign-in waits, and can be ended afterwards.",
    "gateway.callback.audit":
      "A sign-in is written down with person and client, and without a token, a code or a state.",
    "gateway.callback.connections":
      "Who signed in to see their connections gets to them, with a fresh sign-in and no code for any client.",
    "gateway.callback.client-again":
      "A client that is no longer allowed, or has given the address up, gets nothing after the sign-in.",
    "gateway.callback.demand":
      "Where Entra has demanded more of the person's next sign-in, they go there once more with the claims before the client gets a code.",
    "gateway.callback.demand-at-redemption":
      "Where Entra gives nothing for its code because it demands more of the sign-in, the person goes there once more with the claims, and no further time.",
    "gateway.callback.entra-error":
      "An error of Entra's is told to the client as a plain one, without Entra's words, which stay out of the log too.",
    "gateway.callback.verified": "A token of Entra's that would not pass on /mcp begins no grant.",
    "gateway.callback.unavailable": "Where no grant can be made, the client is told to try again.",
  },
} satisfies Requirements;
