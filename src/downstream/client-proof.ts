import type { TokenCredential } from "@azure/core-auth";
import type { Log } from "../core/log.ts";
import { createFederatedAssertion, type FederatedAssertion } from "./federated-assertion.ts";

/** How the server proves to the authority that it is one of its app registrations. */
export type ClientCredential =
  /** The managed identity's token as a federated identity credential: production holds no secret. */
  | { readonly kind: "managed-identity"; readonly identity: TokenCredential }
  /** A development registration's secret. */
  | { readonly kind: "client-secret"; readonly clientSecret: string };

/** What goes along with a request for tokens: a secret, or what an assertion is got from. */
export type ClientProof =
  | { readonly kind: "client-secret"; readonly clientSecret: string }
  | { readonly kind: "federated-assertion"; readonly assertion: FederatedAssertion };

export interface ClientProofOptions {
  readonly credential: ClientCredential;
  /** Audience of the managed identity's assertion. */
  readonly tokenExchangeAudience: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  readonly log: Log;
}

export function createClientProof({ credential, ...options }: ClientProofOptions): ClientProof {
  if (credential.kind === "client-secret") return credential;
  const assertion = createFederatedAssertion({ ...options, managedIdentity: credential.identity });
  return { kind: "federated-assertion", assertion };
}
