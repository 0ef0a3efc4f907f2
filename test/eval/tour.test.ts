import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { cases } from "./cases.ts";
import { type Served, serveByReference } from "./reference.ts";
import { tourOf } from "./tour.ts";
import { startWorlds } from "./world.ts";

let worlds: Awaited<ReturnType<typeof startWorlds>>;
const served = new Map<string, Served>();

beforeAll(async () => {
  worlds = await startWorlds();
});

afterAll(async () => {
  await worlds?.close();
});

describe("what a person asks in a chat", () => {
  it.each(cases)(verifies("tour.served", "$ask"), async (asked) => {
    const one = await serveByReference(asked, await worlds.make());
    served.set(asked.ask, one);
    expect(one.problems).toEqual([]);
    const isAsked = one.calls.some(({ structured }) => structured?.confirmation !== undefined);
    expect(one.calls.length).toBeLessThanOrEqual(isAsked ? 3 : 2);
  });

  it(verifies("tour.kept", "is recorded in docs/tour.md, as it is answered now"), async () => {
    expect(cases).toHaveLength(25);
    expect(served.size).toBe(cases.length);
    await expect(tourOf(cases, served)).toMatchFileSnapshot("../../docs/tour.md");
  });
});
