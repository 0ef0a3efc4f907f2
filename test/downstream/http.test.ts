import { Readable } from "node:stream";
import { createHttpHeaders, type HttpClient, RestError } from "@azure/core-rest-pipeline";
import { describe, expect, it, vi } from "vitest";
import { failure } from "../../src/core/result.ts";
import { createOutboundHttp, retryAfterSeconds } from "../../src/downstream/http.ts";
import { verifies } from "../requirements.ts";
import { useFakeTime } from "./fake-time.ts";
import { type Answer, fakeNetwork, start } from "./fakes.ts";

useFakeTime();

const url = "https://api.example/thing";

/** The outcome of a request by a client, and after how many milliseconds it was there. */
async function outcomeBy(httpClient: HttpClient, isSentOnce?: boolean) {
  const sent = createOutboundHttp({ now: Date.now, monotonicNow: Date.now, httpClient }).send({
    method: "GET",
    url,
    isSentOnce,
  });
  const done = sent.then((value) => ({ value, after: Date.now() - start }));
  await vi.runAllTimersAsync();
  return done;
}

/** Answers one after the other, the last one for good, and notes when each was asked for. */
function setUp(...answers: readonly Answer[]) {
  const askedAt: number[] = [];
  const { httpClient } = fakeNetwork(() => {
    askedAt.push(Date.now() - start);
    return answers[Math.min(askedAt.length, answers.length) - 1] ?? {};
  });
  const http = createOutboundHttp({ now: Date.now, monotonicNow: Date.now, httpClient });
  return { http, get: () => outcomeBy(httpClient), askedAt };
}

/** Answers 200 with a body that comes as `readableStreamBody` yields it. */
function streaming(readableStreamBody: Readable): HttpClient {
  const headers = createHttpHeaders();
  return {
    sendRequest: async (request) => ({ request, status: 200, headers, readableStreamBody }),
  };
}

describe("an outbound request", () => {
  it("brings status, headers and body", async () => {
    const { get } = setUp({ status: 201, headers: { "x-thing": "1" }, body: "text" });
    const { value } = await get();
    expect(value).toMatchObject({ ok: true, value: { status: 201, body: "text" } });
    expect(value.ok && value.value.headers.get("X-Thing")).toBe("1");
  });

  it.each([
    ["seconds", "3"],
    ["a date", new Date(start + 3_000).toUTCString()],
  ])(
    verifies("outbound.retry-after", "waits as long as Retry-After says, given as %s"),
    async (_form, value) => {
      const throttled = { status: 429, headers: { "retry-after": value } };
      const { get, askedAt } = setUp(throttled, { body: "at last" });
      const { value: outcome } = await get();
      expect(outcome).toMatchObject({ ok: true, value: { status: 200, body: "at last" } });
      expect(askedAt).toEqual([0, 3_000]);
    },
  );

  it.each([408, 429, 500, 502, 503, 504])(
    verifies("outbound.backoff", "repeats a %d with growing, randomised pauses, then gives up"),
    async (status) => {
      const { get, askedAt } = setUp({ status });
      const { value } = await get();
      expect(value).toMatchObject({ ok: true, value: { status } });

      expect(askedAt).toHaveLength(4);
      for (const [index, longest] of [500, 1_000, 2_000].entries()) {
        const pause = (askedAt[index + 1] ?? 0) - (askedAt[index] ?? 0);
        expect(pause).toBeGreaterThanOrEqual(longest / 2);
        expect(pause).toBeLessThanOrEqual(longest + 1);
      }
    },
  );

  it("randomises its pauses", async () => {
    const pauses = new Set<number | undefined>();
    for (let index = 0; index < 8; index += 1) {
      vi.setSystemTime(start);
      const { get, askedAt } = setUp({ status: 503 }, {});
      await get();
      pauses.add(askedAt[1]);
    }
    expect(pauses.size).toBeGreaterThan(1);
  });

  it.each([400, 401, 403, 404, 409, 501])("does not repeat a %d", async (status) => {
    const { get, askedAt } = setUp({ status });
    await get();
    expect(askedAt).toEqual([0]);
  });

  it(verifies("outbound.budget", "begins no wait that is longer than its budget"), async () => {
    const { get, askedAt } = setUp({ status: 429, headers: { "retry-after": "20" } });
    const { value, after } = await get();
    expect(value).toMatchObject({ ok: true, value: { status: 429 } });
    expect(askedAt).toEqual([0]);
    expect(after).toBe(0);
  });

  it(verifies("outbound.budget", "ends in time where nothing ever answers"), async () => {
    const network = fakeNetwork(() => new Promise(() => {}));
    const { value, after } = await outcomeBy(network.httpClient);
    expect(value).toEqual(failure({ kind: "unreachable", networkCode: "ETIMEDOUT" }));
    expect(after).toBe(20_000);
    expect(network.requests).toHaveLength(2);
  });

  it(verifies("outbound.budget", "ends in time where a body never ends"), async () => {
    const { value, after } = await outcomeBy(streaming(new Readable({ read() {} })));
    expect(value).toMatchObject({ ok: false, reason: { networkCode: "ETIMEDOUT" } });
    expect(after).toBe(20_000);
  });

  it.each([
    ["ECONNREFUSED", 4],
    ["ECONNRESET", 4],
    ["ENOTFOUND", 4],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", 1],
    ["not a code: do-not-show", 1],
  ])("says %s after %d attempts", async (code, attempts) => {
    let asked = 0;
    const { value } = await outcomeBy({
      async sendRequest(request) {
        asked += 1;
        throw new RestError("do-not-show", { code, request });
      },
    });
    const networkCode = code.includes(" ") ? "REQUEST_SEND_ERROR" : code;
    expect(value).toEqual({ ok: false, reason: { kind: "unreachable", networkCode } });
    expect(asked).toBe(attempts);
  });

  it.each([408, 429, 503])(
    verifies("outbound.sent-once", "that is sent once is not repeated after a %d"),
    async (status) => {
      const { httpClient, requests } = fakeNetwork(() => ({ status }));
      const { value } = await outcomeBy(httpClient, true);
      expect(value).toMatchObject({ ok: true, value: { status } });
      expect(requests).toHaveLength(1);
    },
  );

  it.each([
    ["ECONNREFUSED", 4],
    ["ENOTFOUND", 4],
    ["ECONNRESET", 1],
    ["EPIPE", 1],
    ["ETIMEDOUT", 1],
    ["EHOSTUNREACH", 1],
  ])(
    verifies("outbound.sent-once", "that is sent once meets %s in %d attempts"),
    async (code, attempts) => {
      let asked = 0;
      const { value } = await outcomeBy(
        {
          async sendRequest(request) {
            asked += 1;
            throw new RestError("do-not-show", { code, request });
          },
        },
        true,
      );
      expect(value).toEqual(failure({ kind: "unreachable", networkCode: code }));
      expect(asked).toBe(attempts);
    },
  );

  it("calls a body that breaks off unreachable", async () => {
    const broken = new Readable({
      read() {
        this.destroy(Object.assign(new Error("aborted"), { code: "ECONNRESET" }));
      },
    });
    const { value } = await outcomeBy(streaming(broken));
    expect(value).toMatchObject({ ok: false, reason: { networkCode: "ECONNRESET" } });
  });

  it(verifies("outbound.bounded", "stops reading a response beyond its bound"), async () => {
    let sent = 0;
    let destroyed = false;
    const chunk = Buffer.alloc(64 * 1024);
    const endless = new Readable({
      read() {
        sent += chunk.length;
        this.push(chunk);
      },
      destroy(error, done) {
        destroyed = true;
        done(error);
      },
    });
    const { value } = await outcomeBy(streaming(endless));
    expect(value).toEqual(failure({ kind: "response-too-large", limitBytes: 1024 * 1024 }));
    expect(destroyed).toBe(true);
    expect(sent).toBeLessThan(2 * 1024 * 1024);
  });

  it(verifies("outbound.no-redirect", "does not follow a redirect"), async () => {
    const { get, askedAt } = setUp({ status: 302, headers: { location: "https://evil.example" } });
    const { value } = await get();
    expect(value).toMatchObject({ ok: true, value: { status: 302 } });
    expect(askedAt).toHaveLength(1);
  });

  it("stops as soon as it is cancelled, in a pause as well", async () => {
    const { http, askedAt } = setUp({ status: 429, headers: { "retry-after": "10" } });
    const controller = new AbortController();
    const sent = http.send({ method: "GET", url, signal: controller.signal });
    await vi.advanceTimersByTimeAsync(1_000);
    controller.abort();
    expect(await sent).toEqual({ ok: false, reason: { kind: "cancelled" } });
    expect(askedAt).toHaveLength(1);
    expect(Date.now() - start).toBe(1_000);
  });

  it("leaves no timer behind", async () => {
    const { http } = setUp({});
    await http.send({ method: "GET", url });
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("Retry-After", () => {
  it.each([
    ["0", 0],
    ["7", 7],
    [" 7 ", 7],
    [new Date(start + 90_500).toUTCString(), 90],
    [new Date(start - 5_000).toUTCString(), 0],
    ["soon", undefined],
    ["-1", undefined],
    ["", undefined],
  ])("%j is %s", (value, seconds) => {
    const headers = createHttpHeaders({ "Retry-After": value });
    expect(retryAfterSeconds(headers, Date.now)).toBe(seconds);
  });
});
