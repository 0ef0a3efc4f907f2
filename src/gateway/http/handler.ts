import type { Answer, Invocation } from "../../core/endpoint.ts";
import type { Result } from "../../core/result.ts";

/** The parameters of a request by name. Empty ones count as absent (RFC 6749 section 3.1). */
export type Parameters = ReadonlyMap<string, string>;

/** Why parameters cannot be read. No name is longer than 64 characters. */
export type ParameterProblem =
  /** RFC 6749 section 3.1: parameters must not be included more than once. */
  { readonly kind: "repeated"; readonly name: string } | { readonly kind: "malformed" };

/** A request that has passed the gates of the gateway's own endpoints. */
export interface GatewayRequest {
  readonly method: "GET" | "POST";
  readonly query: Result<Parameters, ParameterProblem>;
  /** Of a body of the type `application/x-www-form-urlencoded`; absent where there is none. */
  readonly form?: Result<Parameters, ParameterProblem> | undefined;
  /** Of a body of the type `application/json`; absent where there is none. */
  readonly json?: unknown;
  readonly cookies: ReadonlyMap<string, string>;
  /** Whether the request holds an `Authorization` header, which a public client has no use for. */
  readonly hasAuthorization: boolean;
  readonly invocation: Invocation;
  /** Aborts when the request's time is up. */
  readonly signal: AbortSignal;
}

/**
 * Answers a request of one of the gateway's endpoints. May throw; 500 is answered then. `set-cookie` may
 * stand in an answer once: the platform joins several.
 */
export type GatewayHandler = (request: GatewayRequest) => Promise<Answer>;
