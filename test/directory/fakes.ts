import { vi } from "vitest";
import { failure, success } from "../../src/core/result.ts";
import { createApiClient } from "../../src/downstream/api-client.ts";
import type { ExchangeFailure } from "../../src/downstream/exchange-failure.ts";
import type { ExchangeOptions, TokenExchange } from "../../src/downstream/token-exchange.ts";
import { type Answer, fakeNetwork, secretMark } from "../downstream/fakes.ts";

export const claims = '{"access_token":{"nbf":{"essential":true,"value":"1763712000"}}}';

/** The answer with which Graph demands claims. */
export const claimsChallenge: Answer = {
  status: 401,
  headers: {
    "www-authenticate": `Bearer realm="", error="insufficient_claims", claims="${Buffer.from(claims).toString("base64")}"`,
  },
  body: { error: { code: "InvalidAuthenticationToken", message: secretMark } },
};

/** What Graph answers when it refuses. */
export function graphError(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers, body: { error: { code: "Code", message: `prose ${secretMark}` } } };
}

export interface GraphSetUp {
  readonly endpoint?: string;
  /** Why the exchange fails; it succeeds where this says nothing. */
  readonly exchangeFailure?: (options: ExchangeOptions) => ExchangeFailure | undefined;
}

/** A Graph client over a network that answers as told, and an exchange that always has a token. */
export function setUpGraph(
  answer: Parameters<typeof fakeNetwork>[0],
  { endpoint = "https://graph.microsoft.com", exchangeFailure }: GraphSetUp = {},
) {
  const network = fakeNetwork(answer);
  const exchange = vi.fn<TokenExchange["exchange"]>(async (caller, _scopes, options = {}) => {
    const reason = exchangeFailure?.(options);
    if (reason) return failure(reason);
    const suffix = options.claims ? "-with-claims" : "";
    return success({
      token: `graph-token-of-${caller.objectId}${suffix}-${secretMark}`,
      expiresOnTimestamp: Date.now() + 3_600_000,
    });
  });
  const client = createApiClient(
    {
      name: "graph",
      title: "the company directory",
      baseUrl: endpoint,
      scopes: ["https://graph.microsoft.com/.default"],
    },
    {
      tokenExchange: { exchange },
      now: Date.now,
      monotonicNow: Date.now,
      httpClient: network.httpClient,
    },
  );
  return { client, exchange, requests: network.requests };
}
