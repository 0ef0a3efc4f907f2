import type { Requirements } from "./requirement.ts";

export const gatewayTokensRequirements = {
  "RFC 5116 sections 2.1 and 3.1": {
    "gateway.sealed":
      "What is sealed opens with its key, for its purpose and grant alone, and not once a bit is changed; each sealing has a fresh nonce.",
  },
  "RFC 5869 section 3.1": {
    "gateway.locked":
      "What is locked for a token opens with that token and the server's key together, and with neither alone.",
  },
  "RFC 6749 section 10.10": {
    "gateway.opaque":
      "Codes and refresh tokens have 32 random bytes; one kind is never taken for the other, and only the very text that was given out is accepted.",
    "gateway.genuine":
      "A token that this server has made, however old, is told from one that was invented or changed.",
  },
} satisfies Requirements;
