import type { DocumentProblem } from "../../core/client-documents/problem.ts";
import type { Result } from "../../core/result.ts";
import type { StoreFailure } from "../../storage/failure.ts";

/** A client application of the gateway. All are public clients: none has a secret. */
export interface GatewayClient {
  /** `client_id`, to the letter. */
  readonly id: string;
  readonly kind: "document" | "registered" | "pre-registered";
  /** For people, who have nothing but the client's word for it unless it is pre-registered. Not escaped. */
  readonly name: string;
  /** The host of the client's document; absent where nobody vouches for the name. */
  readonly domain: string | undefined;
  /** At least one. */
  readonly redirectUris: readonly string[];
}

export type ClientProblem =
  | { readonly kind: "unknown-client" }
  /** Not among `ALLOWED_CLIENT_IDS`, or its document's domain is not allowed. */
  | { readonly kind: "client-not-allowed" }
  | { readonly kind: "client-document"; readonly problem: DocumentProblem }
  | { readonly kind: "store"; readonly reason: StoreFailure };

export interface GatewayClients {
  /** The client with this `client_id`: pre-registered, registered, or described by a document. */
  find(clientId: string, signal?: AbortSignal): Promise<Result<GatewayClient, ClientProblem>>;
  /** Somebody has signed in with the client, or refreshed: it is in use, and known. Never fails. */
  inUse(clientId: string, signal?: AbortSignal): Promise<void>;
  /** Whether `ALLOWED_CLIENT_IDS` lets it in, by its id alone. */
  isAllowed(clientId: string): boolean;
}
