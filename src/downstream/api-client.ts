import type { HttpClient } from "@azure/core-rest-pipeline";
import type { Caller } from "../core/caller.ts";
import { failure, type Result, success } from "../core/result.ts";
import type { GraphFailure } from "./api-failure.ts";
import { claimsOfChallenge } from "./claims-challenge.ts";
import type { ExchangeFailure } from "./exchange-failure.ts";
import { createOutboundHttp, type OutboundResponse, retryAfterSeconds } from "./http.ts";
import type { TokenExchange } from "./token-exchange.ts";

export interface GetOptions {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface GraphClient {
  /**
   * Reads from Graph as `caller`. Where Graph challenges for claims, the exchange is repeated with
   * them, once; what the person would have to do is then in the exchange's failure.
   *
   * @param pathAndQuery with the version, `/v1.0/me` for example
   * @returns the body as JSON, to be validated before use
   */
  get(
    caller: Caller,
    pathAndQuery: `/${string}`,
    options?: GetOptions,
  ): Promise<Result<unknown, GraphFailure>>;
}

export interface GraphClientOptions {
  /** Where Graph is, without a trailing slash and without the version. */
  readonly endpoint: string;
  /**
   * What the authority knows Graph as: the cloud's own endpoint, wherever `endpoint` leads. Without
   * a trailing slash.
   */
  readonly resource: string;
  readonly tokenExchange: TokenExchange;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Carries the requests out; Node's own where absent. */
  readonly httpClient?: HttpClient | undefined;
}

/** Source: https://learn.microsoft.com/graph/errors and https://learn.microsoft.com/graph/throttling */
export function createGraphClient(options: GraphClientOptions): GraphClient {
  const { endpoint, resource, tokenExchange, now } = options;
  const http = createOutboundHttp(options);
  const scopes = [`${resource}/.default`];

  async function ask(
    caller: Caller,
    pathAndQuery: string,
    { headers, signal }: GetOptions,
    claims?: string,
  ): Promise<Result<OutboundResponse, GraphFailure>> {
    const exchanged = await tokenExchange.exchange(caller, scopes, { claims, signal });
    if (!exchanged.ok) return failure(exchangeFailed(exchanged.reason));

    const response = await http.send({
      method: "GET",
      url: `${endpoint}${pathAndQuery}`,
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
    async get(caller, pathAndQuery, requestOptions = {}) {
      let response = await ask(caller, pathAndQuery, requestOptions);
      const claims = response.ok ? challengeOf(response.value) : undefined;
      if (claims !== undefined) {
        response = await ask(caller, pathAndQuery, requestOptions, claims);
      }
      return response.ok ? read(response.value, now) : response;
    },
  };
}

function exchangeFailed(reason: ExchangeFailure): GraphFailure {
  if (reason.kind === "cancelled") return reason;
  return { kind: "exchange-failed", failure: reason };
}

function challengeOf(response: OutboundResponse): string | undefined {
  if (response.status !== 401) return undefined;
  return claimsOfChallenge(response.headers.get("www-authenticate"));
}

function read(response: OutboundResponse, now: () => number): Result<unknown, GraphFailure> {
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
