import {
  createDefaultHttpClient,
  createHttpHeaders,
  type HttpClient,
  type PipelineResponse,
  RestError,
} from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CosmosExpenseStore } from "../../src/expenses/cosmos-store.ts";
import type { NewExpense } from "../../src/expenses/expense.ts";
import { storeToolFailure } from "../../src/expenses/store.ts";
import type { StoreFailure } from "../../src/storage/failure.ts";
import type { CosmosBackEnd } from "../expenses/back-end.ts";
import { startCosmosEmulator } from "../expenses/emulator.ts";
import { verifies } from "../requirements.ts";

type Answer = () => Partial<PipelineResponse>;

const secret = "internal detail that nobody outside may see";
const lunch: NewExpense = {
  date: "2026-11-20",
  minorUnits: 1250,
  currency: "USD",
  category: "food",
  description: "Lunch",
  paymentMethod: "visa",
};

let emulator: CosmosBackEnd;
beforeAll(async () => {
  emulator = await startCosmosEmulator();
});
afterAll(() => emulator.close());

/** A store whose every request about items is answered with `answer`. */
async function storeThatGets(answer: Answer): Promise<CosmosExpenseStore> {
  const network = createDefaultHttpClient();
  const httpClient: HttpClient = {
    async sendRequest(request) {
      if (!/\/docs(\/|$)/.test(new URL(request.url).pathname)) return network.sendRequest(request);
      return { request, status: 200, headers: createHttpHeaders(), ...answer() };
    },
  };
  return new CosmosExpenseStore(await emulator.openContainer(httpClient));
}

function status(code: number, headers: Record<string, string> = {}): Answer {
  return () => ({
    status: code,
    headers: createHttpHeaders(headers),
    bodyAsText: JSON.stringify({ code: "Whatever", message: secret }),
  });
}

/** How each of the store's operations ends. */
async function outcomes(store: CosmosExpenseStore, signal?: AbortSignal) {
  return [
    await store.add("user", lunch, { now: 0, signal }),
    await store.add("user", lunch, { now: 0, idempotencyKey: "key", signal }),
    await store.list("user", {}, { limit: 10, signal }),
    await store.statistics({}, { signal }),
  ];
}

describe("store failures", () => {
  it(
    verifies("expenses.store-failures", "says when to try again where it is throttled"),
    async () => {
      const store = await storeThatGets(status(429, { "x-ms-retry-after-ms": "1500" }));
      for (const outcome of await outcomes(store)) {
        expect(outcome).toEqual({
          ok: false,
          reason: { kind: "throttled", retryAfterMilliseconds: 1500 },
        });
      }
    },
  );

  it.each<[string, Answer]>([
    ["a failing service", status(500)],
    ["an unavailable service", status(503)],
    ["a missing container", status(404)],
    ["a timeout", status(408)],
    ["an answer that is not JSON", () => ({ status: 502, bodyAsText: `<html>${secret}</html>` })],
    [
      "a broken connection",
      () => {
        throw new RestError(secret, { code: "REQUEST_SEND_ERROR" });
      },
    ],
  ])(
    verifies("expenses.store-failures", "is unavailable on %s, without the database's own words"),
    async (_what, answer) => {
      for (const outcome of await outcomes(await storeThatGets(answer))) {
        expect(outcome).toEqual({
          ok: false,
          reason: { kind: "unavailable", cause: expect.any(String) },
        });
        expect(JSON.stringify(outcome)).not.toContain("internal detail");
      }
    },
  );

  it.each<[string, Answer]>([
    ["a missing role", status(403)],
    ["refused credentials", status(401)],
  ])(
    verifies("expenses.store-failures", "is denied on %s, which waiting does not mend"),
    async (_what, answer) => {
      for (const outcome of await outcomes(await storeThatGets(answer))) {
        expect(outcome).toEqual({
          ok: false,
          reason: { kind: "denied", cause: expect.any(String) },
        });
      }
    },
  );

  it(verifies("expenses.store-failures", "tells that a call was cancelled"), async () => {
    const store = new CosmosExpenseStore(await emulator.openContainer(createDefaultHttpClient()));
    for (const outcome of await outcomes(store, AbortSignal.abort())) {
      expect(outcome).toEqual({ ok: false, reason: { kind: "cancelled" } });
    }
  });

  it("throws where the request itself is wrong", async () => {
    const store = await storeThatGets(status(400));
    await expect(store.list("user", {}, { limit: 10 })).rejects.toThrow();
    await expect(store.statistics({})).rejects.toThrow();
  });

  it("is unavailable where an expense exists but cannot be read yet", async () => {
    let requests = 0;
    const store = await storeThatGets(() => {
      requests += 1;
      return requests === 1 ? status(409)() : status(404)();
    });
    expect(await store.add("user", lunch, { now: 0, idempotencyKey: "key" })).toMatchObject({
      ok: false,
      reason: { kind: "unavailable" },
    });
  });

  it(
    verifies(
      "expenses.idempotent",
      "counts its own repeated write as the first, without a key too",
    ),
    async () => {
      let written: string | undefined;
      const network = createDefaultHttpClient();
      const container = await emulator.openContainer({
        async sendRequest(request) {
          const response = await network.sendRequest(request);
          if (request.method !== "POST" || !request.url.endsWith("/docs")) return response;
          // The write arrives, and arrives once more: what a repetition after a lost answer finds.
          written = typeof request.body === "string" ? request.body : undefined;
          return network.sendRequest(request);
        },
      });
      const store = new CosmosExpenseStore(container);
      const outcome = await store.add("user", lunch, { now: 0 });
      expect(outcome).toMatchObject({
        ok: true,
        value: { kind: "added", expense: { id: JSON.parse(written ?? "{}").id, ...lunch } },
      });
    },
  );

  it("tells the model what to do, and nothing else", () => {
    const failures: StoreFailure[] = [
      { kind: "throttled" },
      { kind: "throttled", retryAfterMilliseconds: 1500 },
      { kind: "unavailable", cause: secret },
      { kind: "cancelled" },
      { kind: "unreadable-item", properties: ["minorUnits"] },
    ];
    const texts = failures.map((reason) => storeToolFailure(reason, () => {}).reason.message);
    expect(texts[1]).toContain("in 2 s");
    for (const text of texts) {
      expect(text).toMatch(/Try again|Tell the people/);
      expect(text).not.toMatch(/internal|minorUnits/);
    }
  });
});
