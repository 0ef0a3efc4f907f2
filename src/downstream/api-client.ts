import type { HttpClient } from "@azure/core-rest-pipeline";
import type { Caller } from "../core/caller.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { ApiFailure } from "./api-failure.ts";
import { claimsOfChallenge } from "./claims-challenge.ts";
import type { ExchangeFailure } from "./exchange-failure.ts";
import { createOutboundHttp, type OutboundResponse, retryAfterSeconds } from "./http.ts";
import type { ExchangeOptions, TokenExchange } from "./token-exchange.ts";

export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An API that is called on the caller's behalf. */
export interface ApiDescription {
  /** Names the API in logs and reasons: one word, lower case. */
  readonly name: string;
  /** What the model is told it is, within a sentence: `the company directory`. */
  readonly title: string;
  /** Where it is, without a trailing slash. */
  readonly baseUrl: string;
  /** Delegated scopes of one resource, as one asks the authority for them. */
  readonly scopes: readonly string[];
}

export interface ApiClient {
  readonly api: Pick<ApiDescription, "name" | "title">;
  /**
   * Reads from the API as `caller`. Where the API does not accept the exchanged token, the exchange is
   * repeated past the cache, once, with the claims that the API may challenge for; what the person
   * would have to do is then in the exchange's failure.
   *
   * @returns the body as JSON, to be validated before use
   */
  get(
    caller: Caller,
    pathAndQuery: `/${string}`,
    options?: GetOptions,
  ): Promise<Result<unknown, ApiFailure>>;
}

export interface ApiClientParts {
  readonly tokenExchange: TokenExchange;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  /** Carries the requests out. */
  readonly httpClient: HttpClient;
}

/**
 * A client of an API on the caller's behalf: exchanges their token, retries what passes, and turns
 * what goes wrong into reasons.
 *
 * @example
 * const crm = createApiClient(
 *   {
 *     name: "crm",
 *     title: "the customer database",
 *     baseUrl: "https://crm.contoso.com",
 *     scopes: ["api://crm/.default"],
 *   },
 *   { tokenExchange, now: Date.now, monotonicNow: () => performance.now(), httpClient },
 * );
 * const customers = await crm.get(caller, "/customers?top=10", { signal });
 */
export function createApiClient(api: ApiDescription, parts: ApiClientParts): ApiClient {
  const { baseUrl, scopes } = api;
  const { tokenExchange, now } = parts;
  const http = createOutboundHttp(parts);

  async function ask(
    caller: Caller,
    pathAndQuery: string,
    { headers, signal }: GetOptions,
    anew: Pick<ExchangeOptions, "claims" | "renew"> = {},
  ): Promise<Result<OutboundResponse, ApiFailure>> {
    const exchanged = await tokenExchange.exchange(caller, scopes, { ...anew, signal });
    if (!exchanged.ok) return failure(exchangeFailed(exchanged.reason));

    const response = await http.send({
      method: "GET",
      url: `${baseUrl}${pathAndQuery}`,
      headers: {
        accept: "application/json",
        ...headers,
        authorization: `Bearer ${exchanged.value.token}`,
      },
      signal,
    });
    if (response.ok) return response;
    switch (response.reason.kind) {
      case "cancelled":
        return failure({ kind: "cancelled" });
      case "unreachable":
        return failure({ kind: "unavailable", networkCode: response.reason.networkCode });
      case "response-too-large":
        return failure({ kind: "unexpected-response", got: "too-large" });
    }
  }

  return {
    api,
    async get(caller, pathAndQuery, requestOptions = {}) {
      let response = await ask(caller, pathAndQuery, requestOptions);
      if (response.ok && response.value.status === 401) {
        const claims = challengeOf(response.value);
        const anew = claims === undefined ? { renew: true } : { claims };
        response = await ask(caller, pathAndQuery, requestOptions, anew);
      }
      return response.ok ? read(response.value, now) : response;
    },
  };
}

function exchangeFailed(reason: ExchangeFailure): ApiFailure {
  if (reason.kind === "cancelled") return reason;
  return { kind: "exchange-failed", failure: reason };
}

function challengeOf(response: OutboundResponse): string | undefined {
  if (response.status !== 401) return undefined;
  return claimsOfChallenge(response.headers.get("www-authenticate"));
}

function read(response: OutboundResponse, now: () => number): Result<unknown, ApiFailure> {
  const { status, headers, body } = response;
  if (status === 200) {
    try {
      return success(JSON.parse(body));
    } catch {
      return failure({ kind: "unexpected-response", status, got: "not-json" });
    }
  }
  if (status === 401) {
    const challenged = challengeOf(response) !== undefined;
    return failure({ kind: challenged ? "claims-challenge" : "unauthorized" });
  }
  if (status === 403) return failure({ kind: "denied" });
  if (status === 404) return failure({ kind: "not-found" });
  const retryAfter = retryAfterSeconds(headers, now);
  if (status === 429) return failure({ kind: "throttled", retryAfterSeconds: retryAfter });
  if (status >= 500) {
    return failure({ kind: "unavailable", status, retryAfterSeconds: retryAfter });
  }
  return failure({ kind: "unexpected-response", status, got: "status" });
}
