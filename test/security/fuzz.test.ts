import { expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { testedDomains } from "../support/domains.ts";
import { fuzz } from "./fuzz.ts";

it.each(testedDomains)(
  verifies(
    "fuzz.robust",
    "ten seconds of random requests to $name meet no server error, hang or leak",
  ),
  async (tested) => {
    const report = await fuzz({ tested, seed: Date.now(), cases: 1_000_000, milliseconds: 10_000 });
    console.log(JSON.stringify(report));
    expect(report.cases).toBeGreaterThan(500);
    // The requests reach every depth: refused at the gates, by the protocol, and served.
    expect(Object.keys(report.statuses)).toEqual(
      expect.arrayContaining(["200", "400", "401", "405"]),
    );
    expect(report.deletions).toBeGreaterThan(0);
  },
);

it(
  verifies("fuzz.cause", "a failure says what went wrong, with the request and the seed"),
  async () => {
    const extend = () => {
      throw new Error("a mistake");
    };
    const parts = { adapters: { fixtures: { extend } } };
    await expect(fuzz({ parts, seed: 7, cases: 2000 })).rejects.toThrow(
      /seed: 7,.*\nCounterexample: .*\nGot \w*error: \w/is,
    );
  },
);
