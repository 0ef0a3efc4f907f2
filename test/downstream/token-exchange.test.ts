import { inspect } from "node:util";
import { RestError } from "@azure/core-rest-pipeline";
import { describe, expect, it, vi } from "vitest";
import { failure } from "../../src/core/result.ts";
import type { ExchangeFailure } from "../../src/downstream/exchange-failure.ts";
import { verifies } from "../requirements.ts";
import { ended, useFakeTime } from "./fake-time.ts";
import {
  type Answer,
  aCaller,
  apiClientId,
  graphScope,
  refusal,
  secretMark,
  setUpExchange,
  start,
  tenantId,
  tokenAnswer,
} from "./fakes.ts";

const minute = 60_000;
const claims = '{"access_token":{"nbf":{"essential":true,"value":"1763712000"}}}';

useFakeTime();

/** An authority that exchanges every token; the new one tells whose it is, for what, and which. */
function setUpWilling() {
  let serial = 0;
  return setUpExchange(({ form }) => {
    serial += 1;
    return tokenAnswer(`${form.assertion}|${form.scope?.split(" ")[0]}|${serial}`);
  });
}

describe("a token exchange", () => {
  it(
    verifies(
      ["onbehalf.exchange", "onbehalf.client-secret", "onbehalf.claims-capability"],
      "sends one on-behalf-of request to the tenant's token endpoint, and no other request",
    ),
    async () => {
      const { tokenExchange, requests } = setUpExchange(() => tokenAnswer("exchanged"));
      const caller = aCaller({}, "callers-token");
      expect(await tokenExchange.exchange(caller, ["api://other/read"])).toEqual({
        ok: true,
        value: { token: "exchanged", expiresOnTimestamp: start + 60 * minute },
      });

      expect(requests).toHaveLength(1);
      const [request] = requests;
      const url = new URL(request?.url ?? "");
      expect(`${request?.method} ${url.origin}${url.pathname}`).toBe(
        `POST https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`,
      );
      expect(request?.form).toMatchObject({
        grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
        requested_token_use: "on_behalf_of",
        assertion: "callers-token",
        client_id: apiClientId,
        client_secret: `secret-${secretMark}`,
        scope: expect.stringMatching(/^api:\/\/other\/read( |$)/),
      });
      expect(JSON.parse(request?.form.claims ?? "")).toMatchObject({
        access_token: { xms_cc: { values: ["CP1"] } },
      });
    },
  );

  it(verifies("onbehalf.exchange", "needs no discovery at a host unknown to MSAL"), async () => {
    const { ask, requests } = setUpExchange(() => tokenAnswer("exchanged"), {
      authorityHost: "https://localhost:8443",
    });
    for (const objectId of ["one", "two"]) {
      expect(await ask(aCaller({ objectId }))).toMatchObject({ ok: true });
    }
    expect(requests.map(({ method, url }) => `${method} ${new URL(url).host}`)).toEqual([
      "POST localhost:8443",
      "POST localhost:8443",
    ]);
  });

  it(
    verifies(
      ["onbehalf.federated-credential", "onbehalf.assertion-once"],
      "proves itself with the managed identity's token, asked for once",
    ),
    async () => {
      const asked: unknown[] = [];
      const { ask, requests } = setUpExchange(() => tokenAnswer("exchanged"), {
        tokenExchangeAudience: "api://AzureADTokenExchangeChina",
        credential: {
          kind: "managed-identity",
          identity: {
            async getToken(scopes) {
              asked.push(scopes);
              return { token: "assertion", expiresOnTimestamp: start + 24 * 60 * minute };
            },
          },
        },
      });
      await Promise.all(["one", "two", "three"].map((objectId) => ask(aCaller({ objectId }))));
      expect(asked).toEqual(["api://AzureADTokenExchangeChina/.default"]);
      expect(requests).toHaveLength(3);
      for (const { form } of requests) {
        expect(form).toMatchObject({
          client_assertion: "assertion",
          client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        });
        expect(form).not.toHaveProperty("client_secret");
      }
    },
  );

  it(
    verifies("onbehalf.managed-identity-unavailable", "asks no authority without an assertion"),
    async () => {
      const { ask, requests, lines } = setUpExchange(() => tokenAnswer("exchanged"), {
        credential: {
          kind: "managed-identity",
          identity: { getToken: () => Promise.reject(new Error(secretMark)) },
        },
      });
      expect(await ask()).toEqual(failure({ kind: "managed-identity-unavailable" }));
      expect(requests).toEqual([]);
      expect(lines.map(({ event }) => event)).toEqual([
        "managed-identity.unavailable",
        "audit.exchange",
      ]);
    },
  );
});

describe("exchanged tokens", () => {
  it(verifies("onbehalf.once", "are had with one exchange by 100 concurrent calls"), async () => {
    const { ask, requests } = setUpWilling();
    const caller = () => aCaller({}, "callers-token");
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => ask(caller())));
    expect(new Set(outcomes.map((outcome) => outcome.ok && outcome.value.token)).size).toBe(1);
    await ask(caller());
    expect(requests).toHaveLength(1);
  });

  it(verifies("onbehalf.once", "are one per set of scopes, in whatever order"), async () => {
    const { tokenExchange, requests } = setUpWilling();
    const caller = aCaller();
    await tokenExchange.exchange(caller, ["api://a/read", "api://a/write"]);
    await tokenExchange.exchange(caller, ["api://a/write", "api://a/read", "api://a/read"]);
    expect(requests).toHaveLength(1);
    await tokenExchange.exchange(caller, ["api://a/read"]);
    expect(requests).toHaveLength(2);
  });

  it(verifies("onbehalf.never-shared", "stay with their callers when interleaved"), async () => {
    const { ask, requests } = setUpWilling();
    const callers = ["alice", "bob"].map((objectId) => aCaller({ objectId }, `of-${objectId}`));
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => {
        const caller = callers[index % 2] ?? aCaller();
        return [caller, await ask(caller)] as const;
      }),
    );
    for (const [caller, outcome] of outcomes) {
      expect(outcome.ok && outcome.value.token).toMatch(`of-${caller.objectId}|`);
    }
    expect(requests).toHaveLength(2);
  });

  it(verifies("onbehalf.never-shared", "are separate for two tokens of one person"), async () => {
    const { ask, requests } = setUpWilling();
    const tokens = ["first", "second", "first", "second"];
    const got: unknown[] = [];
    for (const token of tokens) {
      const outcome = await ask(aCaller({}, token));
      got.push(outcome.ok && outcome.value.token.split("|")[0]);
    }
    expect(got).toEqual(tokens);
    expect(requests).toHaveLength(2);
  });

  it.each([
    ["are renewed five minutes before they expire", { lasts: 60, callerLasts: 120, used: 55 }],
    ["are not used beyond the caller's own token", { lasts: 1440, callerLasts: 10, used: 10 }],
  ])(verifies("onbehalf.lifetime", "%s"), async (_how, { lasts, callerLasts, used }) => {
    const { ask, requests } = setUpExchange(() => tokenAnswer("exchanged", lasts * 60));
    const caller = aCaller({ expiresAt: start / 1000 + callerLasts * 60 });
    await ask(caller);
    vi.setSystemTime(start + used * minute - 1);
    await ask(caller);
    expect(requests).toHaveLength(1);

    vi.setSystemTime(start + used * minute);
    await ask(caller);
    expect(requests).toHaveLength(2);
  });

  it(verifies("onbehalf.claims", "are exchanged anew with claims, once for all"), async () => {
    const { ask, requests } = setUpWilling();
    const caller = aCaller();
    await ask(caller);
    const renewed = await Promise.all(Array.from({ length: 10 }, () => ask(caller, { claims })));
    expect(requests).toHaveLength(2);
    expect(JSON.parse(requests[1]?.form.claims ?? "")).toMatchObject({
      access_token: {
        nbf: { essential: true, value: "1763712000" },
        xms_cc: { values: ["CP1"] },
      },
    });

    expect(await ask(caller)).toEqual(renewed[0]);
    expect(requests).toHaveLength(2);
  });

  it(verifies("graph.token-renewed", "are exchanged anew on demand, once for all"), async () => {
    const { ask, requests } = setUpWilling();
    const caller = aCaller();
    const held = await ask(caller);
    const renewed = await Promise.all(
      Array.from({ length: 10 }, () => ask(caller, { renew: true })),
    );
    expect(requests).toHaveLength(2);
    expect(renewed[0]).not.toEqual(held);
    expect(await ask(caller)).toEqual(renewed[0]);
    expect(requests).toHaveLength(2);
  });

  it(verifies("onbehalf.claims", "stay where an exchange with claims fails"), async () => {
    const { ask, requests } = setUpExchange(({ form }) =>
      form.claims?.includes("nbf")
        ? refusal(50076, { error: "interaction_required", claims })
        : tokenAnswer("exchanged"),
    );
    const caller = aCaller();
    const held = await ask(caller);
    expect(await ask(caller, { claims })).toEqual(
      failure({ kind: "interaction-required", code: "AADSTS50076", claims }),
    );
    expect(await ask(caller)).toEqual(held);
    expect(requests).toHaveLength(2);
  });

  it(verifies("onbehalf.cancellation", "reach who waits if the first one cancels"), async () => {
    const answer = Promise.withResolvers<Answer>();
    const { ask, requests } = setUpExchange((_request, signal) => {
      signal.addEventListener("abort", () => answer.reject(new Error("aborted")));
      return answer.promise;
    });
    const first = new AbortController();
    const cancelled = ask(aCaller(), { signal: first.signal });
    const patient = ask();
    first.abort();
    expect(await cancelled).toEqual({ ok: false, reason: { kind: "cancelled" } });

    answer.resolve(tokenAnswer("exchanged"));
    expect(await patient).toMatchObject({ ok: true, value: { token: "exchanged" } });
    expect(requests).toHaveLength(1);
  });
});

describe("a failed exchange", () => {
  it(verifies("onbehalf.isolated", "is not answered to another caller"), async () => {
    const { ask, requests } = setUpExchange(({ form }) =>
      form.assertion === "of-alice"
        ? { status: 503, headers: { "retry-after": "60" }, body: refusal(90033).body }
        : tokenAnswer("exchanged"),
    );
    expect(await ended(ask(aCaller({ objectId: "alice" }, "of-alice")))).toEqual(
      failure({
        kind: "authority-unavailable",
        code: "AADSTS90033",
        status: 503,
        retryAfterSeconds: 60,
      }),
    );
    expect(await ask(aCaller({ objectId: "bob" }, "of-bob"))).toMatchObject({ ok: true });
    expect(requests).toHaveLength(2);
  });

  it.each<[string, Answer, ExchangeFailure, number]>([
    [
      "for five seconds where it is refused",
      refusal(65001),
      { kind: "consent-missing", code: "AADSTS65001" },
      5_000,
    ],
    [
      "as long as the authority asks to be left alone",
      { status: 429, headers: { "retry-after": "30" }, body: {} },
      { kind: "throttled", retryAfterSeconds: 30 },
      30_000,
    ],
  ])(verifies("onbehalf.refusal-stands", "stands %s"), async (_how, answer, reason, stands) => {
    const { ask, requests, lines } = setUpExchange(() => answer);
    expect([await ask(), await ask()]).toEqual([failure(reason), failure(reason)]);
    vi.setSystemTime(start + stands - 1);
    await ask();
    expect(requests).toHaveLength(1);
    expect(lines).toHaveLength(1);

    vi.setSystemTime(start + stands);
    await ask();
    expect(requests).toHaveLength(2);
  });

  it(
    verifies(
      ["onbehalf.unavailable", "onbehalf.refusal-stands"],
      "is tried again at once after a fault that has passed",
    ),
    async () => {
      let down = true;
      const { ask } = setUpExchange(() => {
        if (down) throw new RestError(secretMark, { code: "ENOTFOUND" });
        return tokenAnswer("exchanged");
      });
      expect(await ended(ask())).toEqual(
        failure({ kind: "authority-unavailable", networkCode: "ENOTFOUND" }),
      );
      down = false;
      expect(await ask()).toMatchObject({ ok: true });
    },
  );

  it(verifies("onbehalf.unavailable", "ends in time where the authority is silent"), async () => {
    const { ask } = setUpExchange(() => new Promise(() => {}));
    expect(await ended(ask())).toEqual(
      failure({ kind: "authority-unavailable", networkCode: "ETIMEDOUT" }),
    );
    expect(Date.now() - start).toBe(20_000);
  });

  it.each([
    ["no token", { body: { token_type: "Bearer", expires_in: 3600 } }],
    [
      "another type of token",
      { body: { ...(tokenAnswer("t").body as object), token_type: "pop" } },
    ],
    ["a token without a lifetime", { body: { token_type: "Bearer", access_token: "t" } }],
    ["no JSON", { body: `<html>${secretMark}` }],
    ["a broken id token", { body: { ...(tokenAnswer("t").body as object), id_token: "x" } }],
  ])(
    verifies("onbehalf.failure-reasons", "is unexpected where the answer holds %s"),
    async (_what, answer) => {
      const { ask } = setUpExchange(() => answer);
      expect(await ask()).toEqual(
        failure({ kind: "unexpected", status: 200, got: "malformed-token-response" }),
      );
    },
  );

  it("is unexpected where MSAL does not even ask", async () => {
    const { ask, requests } = setUpExchange(() => tokenAnswer("exchanged"));
    expect(await ask(aCaller(), { claims: `not json ${secretMark}` })).toMatchObject(
      failure({ kind: "unexpected", got: expect.stringMatching(/^\w+$/) }),
    );
    expect(requests).toEqual([]);
  });

  it("is logged once, with what someone needs to look it up", async () => {
    const { ask, requests, lines } = setUpExchange(() => refusal(700213));
    await Promise.all(Array.from({ length: 5 }, () => ask(aCaller({ objectId: "alice" }))));
    const requestId = requests[0]?.form["client-request-id"];
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(lines).toEqual([
      {
        level: "error",
        event: "audit.exchange",
        fields: {
          outcome: "failed",
          reason: "credential-rejected",
          code: "AADSTS700213",
          resource: graphScope,
          objectId: "alice",
          clientId: "client",
          durationMilliseconds: 0,
          correlationId: requestId,
        },
      },
    ]);
  });

  it.each<[string, () => Answer | Promise<Answer>]>([
    ["a refusal", () => refusal(500011)],
    ["an unknown refusal", () => refusal(99999, { error: secretMark, suberror: secretMark })],
    ["malformed claims", () => refusal(50076, { claims: secretMark })],
    ["a fault", () => ({ status: 500, body: `<html>${secretMark}` })],
    [
      "throttling",
      () => ({ status: 429, headers: { "retry-after": secretMark }, body: secretMark }),
    ],
    ["a malformed token response", () => ({ body: { token_type: secretMark, access_token: 5 } })],
    ["a network error", () => Promise.reject(new RestError(secretMark, { code: "ECONNREFUSED" }))],
    ["a bug", () => Promise.reject(new TypeError(secretMark))],
  ])(verifies("onbehalf.no-leak", "shows no token, secret or prose: %s"), async (_what, answer) => {
    const written: unknown[] = [];
    const spies = (["log", "info", "warn", "error", "debug"] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation((...parts) => void written.push(parts)),
    );
    const identity = {
      getToken: async () => ({ token: `assertion-${secretMark}`, expiresOnTimestamp: start * 2 }),
    };
    for (const options of [{}, { credential: { kind: "managed-identity", identity } as const }]) {
      const { ask, requests, lines } = setUpExchange(answer, options);
      const outcome = await ended(ask());
      expect(outcome.ok).toBe(false);
      // The marks were there to be leaked.
      expect(JSON.stringify(requests)).toContain(secretMark);
      const shown = [outcome, lines, written];
      expect(JSON.stringify(shown)).not.toContain(secretMark);
      expect(inspect(shown, { depth: null, showHidden: true })).not.toContain(secretMark);
    }
    for (const spy of spies) spy.mockRestore();
  });
});
