import type { ExchangeFailure } from "./exchange-failure.ts";

/** Why Graph gave no answer to use. None of its prose is in here. */
export type GraphFailure =
  /** There is no token to ask with. `failure.claims`, where it is there, is for the client. */
  | { readonly kind: "exchange-failed"; readonly failure: ExchangeFailure }
  | { readonly kind: "throttled"; readonly retryAfterSeconds?: number }
  | {
      readonly kind: "unavailable";
      readonly status?: number;
      /** Node's or OpenSSL's, where there was no response: `ECONNREFUSED`. */
      readonly networkCode?: string;
      readonly retryAfterSeconds?: number;
    }
  /** 403: a permission is missing on the API's registration. */
  | { readonly kind: "denied" }
  | { readonly kind: "not-found" }
  /** 401: Graph does not accept the token, and says nothing that would help. */
  | { readonly kind: "unauthorized" }
  /** 401 with a claims challenge, once more, for a token that was exchanged to fulfil one. */
  | { readonly kind: "claims-challenge" }
  /** The one who asked stopped waiting. */
  | { readonly kind: "cancelled" }
  | {
      readonly kind: "unexpected-response";
      readonly status?: number;
      readonly got: "status" | "not-json" | "schema" | "too-large";
    };
