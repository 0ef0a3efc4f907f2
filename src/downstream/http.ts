import {
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
  type HttpHeaders,
  isRestError,
  type PipelineResponse,
  proxyPolicy,
  RestError,
  type RetryStrategy,
  retryPolicy,
  tracingPolicy,
} from "@azure/core-rest-pipeline";
import { abortable } from "../core/deadline.ts";
import { failure, type Result, success } from "../core/result.ts";

export interface OutboundRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /**
   * Whether the request may arrive once at most, as one with a code that works once: it is sent again
   * only where the connection could not be made.
   */
  readonly isSentOnce?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface OutboundResponse {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly body: string;
}

/** Why there is no response to judge. */
export type OutboundFailure =
  /** The request's signal aborted. */
  | { readonly kind: "cancelled" }
  /** `networkCode` is Node's or OpenSSL's: `ECONNREFUSED`, `ETIMEDOUT`, `CERT_HAS_EXPIRED`. */
  | { readonly kind: "unreachable"; readonly networkCode: string }
  | { readonly kind: "response-too-large"; readonly limitBytes: number };

export interface OutboundHttp {
  /**
   * Sends a request that may safely be repeated, unless it says otherwise. Throttling (429), passing faults (408, 5xx) and
   * network errors are tried again as `Retry-After` says (RFC 9110 section 10.2.3), or else with
   * exponentially growing, randomised pauses, for as long as the time budget lasts; the last
   * response is then returned as it is. A wait that the budget cannot hold is not begun. Redirects
   * are not followed: a token goes where it was meant to go, or nowhere.
   */
  send(request: OutboundRequest): Promise<Result<OutboundResponse, OutboundFailure>>;
}

export interface OutboundHttpOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  /** Carries the requests out. */
  readonly httpClient: HttpClient;
}

/** For one attempt, its response's body included. */
const attemptMilliseconds = 10_000;
/** For one request with all its attempts and pauses. */
const budgetMilliseconds = 20_000;
const maximumRetries = 3;
const firstPauseMilliseconds = 500;
const maximumResponseBytes = 1024 * 1024;

const tooLargeCode = "RESPONSE_TOO_LARGE";
const passingStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
/** There was no connection, so that nothing was sent. */
const connectionCodes = ["EAI_AGAIN", "ECONNREFUSED", "ENOTFOUND"] as const;
const passingNetworkCodes: ReadonlySet<string> = new Set([
  ...connectionCodes,
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "ETIMEDOUT",
]);
const passingBeforeSending: ReadonlySet<string> = new Set(connectionCodes);

/** The way out to the authority and to other APIs. */
export function createOutboundHttp({
  now,
  monotonicNow,
  httpClient,
}: OutboundHttpOptions): OutboundHttp {
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(proxyPolicy());
  pipeline.addPolicy(tracingPolicy());

  async function attempt(
    { method, url, headers, body, signal }: OutboundRequest,
    timeoutMilliseconds: number,
  ): Promise<PipelineResponse> {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), timeoutMilliseconds);
    const abortSignal = signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal;
    const request = createPipelineRequest({
      method,
      url,
      headers: createHttpHeaders(headers),
      ...(body === undefined ? {} : { body }),
      abortSignal,
      // The settings accept plain http for the loopback interface alone.
      allowInsecureConnection: url.startsWith("http:"),
      streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]),
    });
    try {
      return await abortable(pipeline.sendRequest(httpClient, request).then(readBody), abortSignal);
    } catch (error) {
      if (timeout.signal.aborted && !signal?.aborted) {
        throw new RestError("The request took too long.", { code: "ETIMEDOUT" });
      }
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    async send(request) {
      const giveUpAt = monotonicNow() + budgetMilliseconds;
      const patience = retryPolicy(
        [retryUntil(() => giveUpAt - monotonicNow(), now, request.isSentOnce)],
        { maxRetries: maximumRetries },
      );
      try {
        const { status, headers, bodyAsText } = await patience.sendRequest(
          createPipelineRequest({ url: request.url, abortSignal: request.signal }),
          () => attempt(request, Math.min(attemptMilliseconds, giveUpAt - monotonicNow())),
        );
        return success({ status, headers, body: bodyAsText ?? "" });
      } catch (error) {
        if (request.signal?.aborted) return failure({ kind: "cancelled" });
        if (isRestError(error)) return failure(failureOf(error));
        throw error;
      }
    },
  };
}

/**
 * How long a response asks to be left alone, in whole seconds: `Retry-After` as seconds or as a
 * date (RFC 9110 section 10.2.3). Undefined where it says nothing that can be understood.
 */
export function retryAfterSeconds(headers: HttpHeaders, now: () => number): number | undefined {
  const value = headers.get("retry-after")?.trim();
  if (!value) return undefined;
  if (/^\d{1,9}$/.test(value)) return Number(value);
  // Date.parse takes almost anything for a date; an HTTP date always ends like this.
  const date = value.endsWith("GMT") ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now()) / 1000));
}

function retryUntil(remaining: () => number, now: () => number, isSentOnce = false): RetryStrategy {
  const networkCodes = isSentOnce ? passingBeforeSending : passingNetworkCodes;
  return {
    name: "retryWithinBudget",
    retry({ retryCount, response, responseError }) {
      const passing = response
        ? !isSentOnce && passingStatuses.has(response.status)
        : networkCodes.has(responseError?.code ?? "");
      if (!passing) return { skipStrategy: true };

      const asked = response && retryAfterSeconds(response.headers, now);
      const pause = asked === undefined ? randomisedPause(retryCount) : asked * 1000;
      return pause < remaining() ? { retryAfterInMs: pause } : { skipStrategy: true };
    },
  };
}

/** Between half and all of a pause that doubles each time, so that many clients don't return at once. */
function randomisedPause(retryCount: number): number {
  const pause = firstPauseMilliseconds * 2 ** retryCount;
  return pause / 2 + Math.random() * (pause / 2);
}

async function readBody(response: PipelineResponse): Promise<PipelineResponse> {
  const stream = response.readableStreamBody;
  if (!stream) return response;
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      if (size > maximumResponseBytes) break;
      chunks.push(bytes);
    }
  } catch (error) {
    throw new RestError("The response broke off.", { code: codeOf(error) ?? "ECONNRESET" });
  }
  if (size > maximumResponseBytes) {
    throw new RestError("The response is too large.", { code: tooLargeCode });
  }
  return { ...response, bodyAsText: Buffer.concat(chunks).toString("utf8") };
}

function failureOf(error: RestError): OutboundFailure {
  if (error.code === tooLargeCode) {
    return { kind: "response-too-large", limitBytes: maximumResponseBytes };
  }
  return { kind: "unreachable", networkCode: codeOf(error) ?? "REQUEST_SEND_ERROR" };
}

/** Codes are names that Node and OpenSSL define; anything else stays out of failures and logs. */
function codeOf(error: unknown): string | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : "";
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : undefined;
}
