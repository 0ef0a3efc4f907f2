import type { RandomBytes } from "../../keys/signing-key.ts";

/** How a client is known: by a document at a URL, by registering itself, by the settings. */
export type ClientKind = "document" | "registered" | "pre-registered";

const registeredId = /^dcr-[0-9a-f]{32}$/;

/** The `client_id` of a client that registers itself. Nobody chooses it, and nobody can guess it. */
export function newRegisteredId(randomBytes: RandomBytes): string {
  return `dcr-${Buffer.from(randomBytes(16)).toString("hex")}`;
}

/**
 * Of which kind the client with this `client_id` is, if there is one: its form alone says so. No client
 * of one kind can stand for one of another, whatever is registered, published or set.
 */
export function kindOfClientId(clientId: string): ClientKind {
  if (clientId.includes("://")) return "document";
  return registeredId.test(clientId) ? "registered" : "pre-registered";
}
