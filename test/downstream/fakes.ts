import { Readable } from "node:stream";
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from "@azure/core-rest-pipeline";
import { Caller, type CallerClaims } from "../../src/core/caller.ts";
import type { Log, LogFields, LogLevel } from "../../src/core/log.ts";
import {
  createTokenExchange,
  type ExchangeOptions,
  type TokenExchangeOptions,
} from "../../src/downstream/token-exchange.ts";

export const tenantId = "11111111-2222-3333-4444-555555555555";
export const apiClientId = "66666666-7777-8888-9999-aaaaaaaaaaaa";
export const graphScope = "https://graph.microsoft.com/.default";
export const start = Date.parse("2026-11-21T08:00:00Z");

/** Stands in whatever must not come out again, so that a test can look for it. */
export const secretMark = "do-not-show";

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is text already. */
  readonly body?: unknown;
}

export interface SentRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, where it is a form. */
  readonly form: Readonly<Record<string, string>>;
}

/** A network that answers as told, and remembers what it was asked. */
export function fakeNetwork(
  answer: (request: SentRequest, signal: AbortSignal) => Answer | Promise<Answer>,
) {
  const requests: SentRequest[] = [];
  const httpClient: HttpClient = {
    async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
      const sent: SentRequest = {
        method: request.method,
        url: request.url,
        headers: request.headers.toJSON(),
        form: Object.fromEntries(
          new URLSearchParams(typeof request.body === "string" ? request.body : ""),
        ),
      };
      requests.push(sent);
      const signal = request.abortSignal;
      if (!(signal instanceof AbortSignal)) throw new TypeError("Every request needs a signal.");
      const { status = 200, headers = {}, body = {} } = await answer(sent, signal);
      const text = typeof body === "string" ? body : JSON.stringify(body);
      return {
        request,
        status,
        headers: createHttpHeaders(headers),
        readableStreamBody: Readable.from([Buffer.from(text)]),
      };
    },
  };
  return { httpClient, requests };
}

/** What the token endpoint answers when it exchanges a token. */
export function tokenAnswer(token: string, expiresIn = 3600): Answer {
  return {
    body: { token_type: "Bearer", access_token: token, expires_in: expiresIn, scope: "User.Read" },
  };
}

/** What the token endpoint answers when it refuses. */
export function refusal(code: number | undefined, more: Readonly<Record<string, unknown>> = {}) {
  return {
    status: 400,
    body: {
      error: "invalid_grant",
      error_description: `${code === undefined ? "" : `AADSTS${code}: `}prose ${secretMark}`,
      ...(code === undefined ? {} : { error_codes: [code] }),
      timestamp: "2026-11-21 08:00:00Z",
      trace_id: secretMark,
      correlation_id: secretMark,
      ...more,
    },
  } satisfies Answer;
}

/** A caller with an access token of their own; the token is made of the claims where none is given. */
export function aCaller(
  claims: Partial<CallerClaims> = {},
  accessToken = `token-${claims.objectId ?? "someone"}-${secretMark}`,
): Caller {
  return new Caller(
    {
      objectId: "someone",
      tenantId,
      clientId: "client",
      scopes: ["user_impersonation"],
      roles: [],
      handlesClaimsChallenges: true,
      expiresAt: start / 1000 + 3600,
      ...claims,
    },
    accessToken,
  );
}

export interface LogLine {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: LogFields | undefined;
}

export function logBook(): { readonly log: Log; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  return { log: (level, event, fields) => lines.push({ level, event, fields }), lines };
}

/** A token exchange with a client secret, over a network that answers as told; `ask` is for Graph. */
export function setUpExchange(
  answer: Parameters<typeof fakeNetwork>[0],
  options: Partial<TokenExchangeOptions> = {},
) {
  const network = fakeNetwork(answer);
  const { log, lines } = logBook();
  const tokenExchange = createTokenExchange({
    authorityHost: "https://login.microsoftonline.com",
    tenantId,
    clientId: apiClientId,
    credential: { kind: "client-secret", clientSecret: `secret-${secretMark}` },
    tokenExchangeAudience: "api://AzureADTokenExchange",
    now: Date.now,
    monotonicNow: options.now ?? Date.now,
    log,
    httpClient: network.httpClient,
    ...options,
  });
  const ask = (caller: Caller = aCaller(), options?: ExchangeOptions) =>
    tokenExchange.exchange(caller, [graphScope], options);
  return { tokenExchange, ask, requests: network.requests, lines };
}
