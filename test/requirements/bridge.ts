import type { Requirements } from "./requirement.ts";

export const bridgeRequirements = {
  "docs/bridge.md": {
    "bridge.command-line":
      "The bridge says what is wrong with its arguments, and what to do, without a stack.",
    "bridge.log":
      "The bridge's log on standard error has no token, no piece of one, and no character that commands a terminal.",
    "bridge.everything":
      "Through the bridge the official clients of both eras, and the Inspector over stdio, reach every tool, resource, template, prompt and completion of the laptop stack, each in its era.",
    "bridge.stack":
      "Against the laptop stack the bridge carries questions to the person, progress and cancellation, demanded claims, and goes on after the server was killed and started.",
    "bridge.session":
      "In the legacy era the bridge keeps the session that a server gives, and begins another where the server has forgotten it.",
    "bridge.as-it-is":
      "The bridge passes requests and answers on to the letter, with the headers that their era asks for.",
    "bridge.progress":
      "The bridge passes notifications on in the order of their arrival, before the answer that they belong to; no request waits for another.",
    "bridge.first-answer":
      "initialize and server/discover are answered by the server where that takes neither a person nor long; else at once from what the server said the last time, or with whatever a server may have. The first request that needs the server waits for the sign-in.",
    "bridge.starts":
      "The bridge loads what signs people in when the first token is needed: where nobody has signed in, not for its first answer.",
    "bridge.late-lists":
      "A client of the legacy era that has asked for a list while nobody was signed in, and waits no more, is told after the sign-in that the list has changed.",
    "bridge.memory":
      "What a server has said of itself is kept in a file without secrets, of a bounded size, for the person alone; a file that is not as the bridge writes it counts for nothing.",
    "bridge.refused-token":
      "A token that the server refuses is replaced and the request sent once more; a second refusal, or a demand for ever other claims, is told in words, with the difference of the clocks where there is one.",
    "bridge.claims":
      "Where the server demands claims the request waits for a token with them, and goes on.",
    "bridge.sign-in-fails":
      "Where nobody can be signed in, each request that waits is answered with the reason, and nothing is sent.",
    "bridge.refusals":
      "What the server refuses with an HTTP status is told in words with what to do; redirects are not followed.",
    "bridge.proxy":
      "The bridge uses the proxy that the environment names for https, through which nobody reads the token, and none to this machine.",
    "bridge.network":
      "Where the server cannot be reached, the request is answered with the cause, and the next one tries again.",
    "bridge.unknown-outcome":
      "Nothing is sent twice that may have been carried out: its outcome is told as unknown. What changes nothing is asked once more.",
    "bridge.sleep": "After a sleep the bridge uses no connection from before it.",
    "bridge.bounds":
      "Lines, bodies, events and waiting requests are bounded; a slow client slows the server down instead of filling memory.",
    "bridge.noise":
      "Standard output has JSON-RPC messages alone: what else a server sends, what answers no request, or what its revision does not allow, is dropped and logged.",
    "bridge.end":
      "The bridge ends with its standard input or output, or by a signal, once what is under way has had a moment.",
    "bridge.batch": "The bridge answers a batch as one, and sends each of its messages by itself.",
    "bridge.ask-back":
      "In the legacy era the bridge passes on what a server asks on the stream of an answer, and the client's reply, with the session where there is one.",
  },
  "https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http": {
    "bridge.parameter-headers":
      "The bridge repeats a call's arguments in headers where the list of tools asks for it, encoded as the specification says.",
  },
  "https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/cancellation": {
    "bridge.cancel":
      "The bridge turns a client's cancellation into the end of the stream, and in the legacy era into a message too; a cancelled request is not answered.",
  },
  "https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions": {
    "bridge.subscriptions":
      "The bridge tells a client that a subscription has ended when its stream does.",
  },
  "https://www.jsonrpc.org/specification": {
    "bridge.malformed":
      "A line that is no JSON-RPC message is answered with the standard's error, and the next one is read.",
  },
  "RFC 6750 section 5.3": {
    "bridge.https":
      "The bridge sends tokens over https with a good certificate, whatever NODE_TLS_REJECT_UNAUTHORIZED says, or to this machine, and refuses any other URL in words, and one that is none to the letter.",
  },
} as const satisfies Requirements;
