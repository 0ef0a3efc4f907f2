import type { AccessToken, TokenCredential } from "@azure/core-auth";
import { describe, expect, it, vi } from "vitest";
import { createFederatedAssertion } from "../../src/downstream/federated-assertion.ts";
import { verifies } from "../requirements.ts";
import { useFakeTime } from "./fake-time.ts";
import { logBook, secretMark, start } from "./fakes.ts";

const minute = 60_000;

useFakeTime();

function setUp(getToken: () => Promise<AccessToken | null>) {
  const asked: string[] = [];
  const managedIdentity: TokenCredential = {
    getToken: (scopes) => {
      asked.push(String(scopes));
      return getToken();
    },
  };
  const { log, lines } = logBook();
  const assertion = createFederatedAssertion({
    managedIdentity,
    tokenExchangeAudience: "api://AzureADTokenExchangeUSGov",
    now: Date.now,
    monotonicNow: Date.now,
    log,
  });
  return { assertion, asked, lines };
}

const lastingAnHour = async () => ({
  token: `assertion-${Date.now() - start}`,
  expiresOnTimestamp: Date.now() + 60 * minute,
});

describe("the managed identity's assertion", () => {
  it(verifies("onbehalf.assertion-once", "is fetched once for all who wait for it"), async () => {
    const { assertion, asked } = setUp(lastingAnHour);
    const outcomes = await Promise.all(Array.from({ length: 50 }, assertion));
    expect(new Set(outcomes.map((outcome) => outcome.ok && outcome.value))).toEqual(
      new Set(["assertion-0"]),
    );
    expect(asked).toEqual(["api://AzureADTokenExchangeUSGov/.default"]);
  });

  it(verifies("onbehalf.assertion-once", "is kept until five minutes before its end"), async () => {
    const { assertion, asked } = setUp(lastingAnHour);
    await assertion();
    vi.setSystemTime(start + 55 * minute - 1);
    await assertion();
    expect(asked).toHaveLength(1);

    vi.setSystemTime(start + 55 * minute);
    await assertion();
    expect(asked).toHaveLength(2);
  });

  it.each([
    ["refuses", () => Promise.reject(new Error(secretMark))],
    ["has no token", async () => null],
  ])(
    verifies("onbehalf.managed-identity-unavailable", "is unavailable where the identity %s"),
    async (_what, getToken) => {
      const { assertion, asked, lines } = setUp(getToken);
      const unavailable = { ok: false, reason: { kind: "managed-identity-unavailable" } };
      expect([await assertion(), await assertion()]).toEqual([unavailable, unavailable]);
      expect(asked).toHaveLength(2);
      expect(lines.map(({ event }) => event)).toEqual([
        "managed-identity.unavailable",
        "managed-identity.unavailable",
      ]);
      expect(JSON.stringify(lines)).not.toContain(secretMark);
    },
  );

  it(
    verifies("onbehalf.managed-identity-unavailable", "is not waited for beyond ten seconds"),
    async () => {
      const { assertion, lines } = setUp(() => new Promise(() => {}));
      const outcome = assertion();
      await vi.advanceTimersByTimeAsync(10_000);
      expect(await outcome).toMatchObject({ reason: { kind: "managed-identity-unavailable" } });
      expect(JSON.stringify(lines)).toContain("ETIMEDOUT");
      expect(vi.getTimerCount()).toBe(0);
    },
  );
});
