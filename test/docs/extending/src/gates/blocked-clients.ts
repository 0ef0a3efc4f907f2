import type { Gate } from "../../../../../src/gates/gate.ts";

/** Refuses client applications that are blocked. Behind the access token, which names the client. */
export function blockedClients(clientIds: readonly string[]): Gate {
  return {
    name: "blocked clients",
    pass({ caller }) {
      if (!clientIds.includes(caller.clientId)) return undefined;
      return { refused: { kind: "client-not-allowed", got: caller.clientId } };
    },
  };
}
