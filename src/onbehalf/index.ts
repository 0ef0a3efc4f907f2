/** Acting as the caller towards other APIs. */

export {
  type AuthorityError,
  type AuthorityErrorKind,
  authorityErrors,
} from "./authority-errors.ts";
export { claimsOfChallenge } from "./claims-challenge.ts";
export {
  type CoalescingCache,
  type CoalescingCacheOptions,
  createCoalescingCache,
  type Loaded,
} from "./coalescing-cache.ts";
export type { ExchangeFailure } from "./exchange-failure.ts";
export {
  createOutboundHttp,
  type OutboundFailure,
  type OutboundHttp,
  type OutboundHttpOptions,
  type OutboundRequest,
  type OutboundResponse,
  retryAfterSeconds,
} from "./outbound-http.ts";
export {
  createTokenExchange,
  type ExchangeOptions,
  type TokenExchange,
  type TokenExchangeOptions,
} from "./token-exchange.ts";
