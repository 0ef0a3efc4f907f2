import { inspect } from "node:util";
import { RestError } from "@azure/core-rest-pipeline";
import { describe, expect, it, vi } from "vitest";
import { failure } from "../../src/core/result.ts";
import { type ApiFailure, failureReason } from "../../src/downstream/api-failure.ts";
import { claims, claimsChallenge, graphError, setUpGraph } from "../directory/fakes.ts";
import { verifies } from "../requirements.ts";
import { ended, useFakeTime } from "./fake-time.ts";
import { type Answer, aCaller, graphScope, secretMark, start } from "./fakes.ts";

useFakeTime();

const unexpectedStatus = { kind: "unexpected-response", status: 302, got: "status" } as const;

describe("Graph", () => {
  it(verifies("graph.on-behalf", "is asked with the caller's exchanged token"), async () => {
    const { client, exchange, requests } = setUpGraph(() => ({ body: { value: 1 } }), {
      endpoint: "http://localhost:4000",
    });
    const alice = aCaller({ objectId: "alice" });
    const signal = new AbortController().signal;
    const result = await client.get(alice, "/v1.0/me?$select=id", {
      headers: { ConsistencyLevel: "eventual", Authorization: "Bearer another" },
      signal,
    });
    expect(result).toEqual({ ok: true, value: { value: 1 } });
    expect(exchange.mock.calls).toEqual([[alice, [graphScope], { signal }]]);
    expect(requests).toMatchObject([
      {
        method: "GET",
        url: "http://localhost:4000/v1.0/me?$select=id",
        headers: {
          accept: "application/json",
          authorization: `Bearer graph-token-of-alice-${secretMark}`,
          consistencylevel: "eventual",
        },
      },
    ]);
  });

  const unexpected = (status: number, got = "status") => ({
    kind: "unexpected-response",
    status,
    got,
  });
  const retryIn = (seconds: number) => ({ "retry-after": String(seconds) });
  it.each<[string, Answer | undefined, object]>([
    ["401", graphError(401), { kind: "unauthorized" }],
    ["403", graphError(403), { kind: "denied" }],
    ["404", graphError(404), { kind: "not-found" }],
    ["429", graphError(429, retryIn(120)), { kind: "throttled", retryAfterSeconds: 120 }],
    [
      "503",
      graphError(503, retryIn(60)),
      { kind: "unavailable", status: 503, retryAfterSeconds: 60 },
    ],
    ["500", graphError(500), { kind: "unavailable", status: 500 }],
    ["400", graphError(400), unexpected(400)],
    ["a redirect", graphError(302, { location: "https://evil.example" }), unexpected(302)],
    ["no JSON", { body: "<html>" }, unexpected(200, "not-json")],
    [
      "too much",
      { body: "a".repeat(2 ** 20 + 1) },
      { kind: "unexpected-response", got: "too-large" },
    ],
    ["nothing", undefined, { kind: "unavailable", networkCode: "ECONNREFUSED" }],
  ])(
    verifies(["graph.failure-reasons", "graph.no-leak"], "answering %s has its own reason"),
    async (_what, answer, reason) => {
      const { client } = setUpGraph(() => {
        if (!answer) throw new RestError(secretMark, { code: "ECONNREFUSED" });
        return answer;
      });
      const result = await ended(client.get(aCaller(), "/v1.0/me"));
      expect(result).toEqual({ ok: false, reason });
      expect(inspect(result, { depth: null, showHidden: true })).not.toContain(secretMark);
    },
  );

  it(verifies("graph.failure-reasons", "is not asked where the exchange failed"), async () => {
    const reason = { kind: "consent-missing", code: "AADSTS65001" } as const;
    const { client, requests } = setUpGraph(() => ({}), { exchangeFailure: () => reason });
    expect(await client.get(aCaller(), "/v1.0/me")).toEqual(
      failure({ kind: "exchange-failed", failure: reason }),
    );
    expect(requests).toEqual([]);
  });

  it("is not waited for by one who has cancelled", async () => {
    const controller = new AbortController();
    const { client } = setUpGraph(() => new Promise(() => {}));
    const result = client.get(aCaller(), "/v1.0/me", { signal: controller.signal });
    await vi.advanceTimersByTimeAsync(1);
    controller.abort();
    expect(await result).toEqual({ ok: false, reason: { kind: "cancelled" } });

    const cancelled = setUpGraph(() => ({}), { exchangeFailure: () => ({ kind: "cancelled" }) });
    expect(await cancelled.client.get(aCaller(), "/v1.0/me")).toEqual(
      failure({ kind: "cancelled" }),
    );
  });

  it(verifies("graph.throttling", "is asked again when its Retry-After says"), async () => {
    const askedAt: number[] = [];
    const { client } = setUpGraph(() => {
      askedAt.push(Date.now() - start);
      return askedAt.length === 1 ? graphError(429, { "retry-after": "4" }) : { body: {} };
    });
    expect(await ended(client.get(aCaller(), "/v1.0/me"))).toEqual({ ok: true, value: {} });
    expect(askedAt).toEqual([0, 4_000]);
  });
});

it.each<[ApiFailure, string]>([
  [{ kind: "denied" }, "graph-denied"],
  [{ kind: "throttled", retryAfterSeconds: 3 }, "graph-throttled"],
  [{ kind: "unavailable", networkCode: "ECONNREFUSED" }, "graph-unavailable ECONNREFUSED"],
  [{ kind: "unavailable", status: 503, retryAfterSeconds: 3 }, "graph-unavailable 503"],
  [unexpectedStatus, "graph-unexpected-response status 302"],
  [
    { kind: "exchange-failed", failure: { kind: "misconfigured", code: "AADSTS500011" } },
    "misconfigured AADSTS500011",
  ],
])(verifies("graph.failure-reasons", "%o is %s in the log"), (reason, words) => {
  expect(failureReason("graph", reason)).toBe(words);
});

describe("a plain 401 by Graph", () => {
  it(
    verifies("graph.token-renewed", "drops the exchanged token, and one exchanged anew is used"),
    async () => {
      let asked = 0;
      const { client, exchange } = setUpGraph(() => {
        asked += 1;
        return asked === 1 ? graphError(401) : { body: { id: 1 } };
      });
      expect(await client.get(aCaller(), "/v1.0/me")).toEqual({ ok: true, value: { id: 1 } });
      expect(exchange.mock.calls.map(([, , options]) => options?.renew)).toEqual([undefined, true]);
    },
  );

  it(verifies("graph.token-renewed", "is a failure the second time, and no third"), async () => {
    const { client, exchange, requests } = setUpGraph(() => graphError(401));
    expect(await client.get(aCaller(), "/v1.0/me")).toEqual(failure({ kind: "unauthorized" }));
    expect([exchange.mock.calls.length, requests.length]).toEqual([2, 2]);
  });

  it(verifies("graph.token-renewed", "tells of a sign-in that has ended meanwhile"), async () => {
    const ended = { kind: "sign-in-ended", code: "AADSTS50173" } as const;
    const { client } = setUpGraph(() => graphError(401), {
      exchangeFailure: ({ renew }) => (renew ? ended : undefined),
    });
    expect(await client.get(aCaller(), "/v1.0/me")).toEqual(
      failure({ kind: "exchange-failed", failure: ended }),
    );
  });
});

describe("a claims challenge by Graph", () => {
  it(verifies("graph.claims-challenge", "is met with an exchange for the claims"), async () => {
    const { client, exchange, requests } = setUpGraph(({ headers }) =>
      headers.authorization?.includes("with-claims") ? { body: { id: 1 } } : claimsChallenge,
    );
    expect(await client.get(aCaller(), "/v1.0/me")).toEqual({ ok: true, value: { id: 1 } });
    expect(exchange.mock.calls.map(([, , options]) => options?.claims)).toEqual([
      undefined,
      claims,
    ]);
    expect(requests).toHaveLength(2);
  });

  it(
    verifies(
      ["graph.claims-challenge", "onbehalf.interaction-required"],
      "passes on what the exchange then requires of the person",
    ),
    async () => {
      const required = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
      const interaction = { kind: "interaction-required", claims: required } as const;
      const { client, requests } = setUpGraph(() => claimsChallenge, {
        exchangeFailure: (options) => (options.claims ? interaction : undefined),
      });
      expect(await client.get(aCaller(), "/v1.0/me")).toEqual(
        failure({ kind: "exchange-failed", failure: interaction }),
      );
      expect(requests).toHaveLength(1);
    },
  );

  it(verifies("graph.claims-challenge", "is met once: a second one is a failure"), async () => {
    const { client, exchange, requests } = setUpGraph(() => claimsChallenge);
    expect(await client.get(aCaller(), "/v1.0/me")).toEqual(failure({ kind: "claims-challenge" }));
    expect(exchange).toHaveBeenCalledTimes(2);
    expect(requests).toHaveLength(2);
  });
});
