import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CursorProblem,
  createCursors,
  cursorLifetime,
  cursorProblemText,
} from "../../src/storage/cursor.ts";
import { FakeClock } from "../keys/fake-clock.ts";
import { MemoryKeyStorage } from "../keys/memory-key-storage.ts";
import { testKeyRing } from "../keys/test-key-ring.ts";
import { verifies } from "../requirements.ts";
import { value } from "../support/value.ts";

const owner = { objectId: "oid-1", tenantId: "tenant-1" };
const position = Uint8Array.from({ length: 24 }, (_, index) => 255 - index);
const filterNames = ["from", "to", "category", "paymentMethod", "text"] as const;
type Filters = Partial<Record<(typeof filterNames)[number], string>>;
const filters: Filters = { from: "2026-01-01", category: "food", text: "Zoë's" };

function setUp() {
  const clock = new FakeClock();
  const storage = new MemoryKeyStorage();
  const keyRing = testKeyRing({ clock, storage });
  const cursors = createCursors({ purpose: "test-cursor", filterNames, keyRing, now: clock.now });
  return { clock, storage, keyRing, cursors };
}

describe("cursor", () => {
  it(verifies("cursor.pages", "brings back the position"), async () => {
    const { cursors } = setUp();
    for (const given of [filters, {}, { paymentMethod: "cash", to: "2026-12-31" } as const]) {
      const cursor = value(await cursors.encode(position, owner, given));
      expect(await cursors.decode(cursor, owner, given)).toEqual({ ok: true, value: position });
    }
  });

  it(verifies("cursor.pages", "is the same to every instance"), async () => {
    const { cursors, storage, clock } = setUp();
    const cursor = value(await cursors.encode(position, owner, filters));
    const another = createCursors({
      purpose: "test-cursor",
      filterNames,
      keyRing: testKeyRing({ storage, clock }),
      now: clock.now,
    });
    expect(await another.decode(cursor, owner, filters)).toEqual({ ok: true, value: position });
  });

  it.each([
    ["another person", { ...owner, objectId: "oid-2" }],
    ["the same id in another tenant", { ...owner, tenantId: "tenant-2" }],
  ])(verifies("cursor.bound-to-caller", "is refused from %s"), async (_who, other) => {
    const { cursors } = setUp();
    const cursor = value(await cursors.encode(position, owner, filters));
    expect(await cursors.decode(cursor, other, filters)).toEqual({
      ok: false,
      reason: { kind: "foreign" },
    });
  });

  it.each<[string, Filters, string[]]>([
    ["another text", { ...filters, text: "tea" }, ["text"]],
    ["one more", { ...filters, paymentMethod: "visa" }, ["paymentMethod"]],
    ["one less", { from: "2026-01-01", text: "Zoë's" }, ["category"]],
    ["several", { to: "2026-01-01" }, ["from", "to", "category", "text"]],
    ["none", {}, ["from", "category", "text"]],
  ])(
    verifies("cursor.bound-to-filters", "is refused with %s, by name"),
    async (_what, others, differing) => {
      const { cursors } = setUp();
      const cursor = value(await cursors.encode(position, owner, filters));
      expect(await cursors.decode(cursor, owner, others)).toEqual({
        ok: false,
        reason: { kind: "other-filters", differing },
      });
    },
  );

  it(
    verifies("cursor.bound-to-filters", "is refused with any others, and accepted with the same"),
    async () => {
      const { cursors } = setUp();
      const values = fc.constantFrom(
        undefined,
        "",
        "a",
        "b",
        "\u00eb",
        "e\u0308",
        "\ud800",
        "\ufffd",
      );
      const anyFilters = fc.record({ from: values, to: values, text: values });
      const asFilters = (given: object) => given as Filters;
      await fc.assert(
        fc.asyncProperty(anyFilters, anyFilters, async (given, others) => {
          const cursor = value(await cursors.encode(position, owner, asFilters(given)));
          const decoded = await cursors.decode(cursor, owner, asFilters(others));
          const differing = (["from", "to", "text"] as const).filter(
            (name) => given[name] !== others[name],
          );
          expect(decoded.ok).toBe(differing.length === 0);
          if (decoded.ok || decoded.reason.kind !== "other-filters") return;
          for (const name of decoded.reason.differing) expect(differing).toContain(name);
        }),
      );
    },
  );

  it(verifies("cursor.short", "has fewer than 100 characters with twelve filters"), async () => {
    const { keyRing, clock } = setUp();
    const twelve = Array.from({ length: 12 }, (_, index) => `filter${index}`);
    const cursors = createCursors({
      purpose: "test-cursor",
      filterNames: twelve,
      keyRing,
      now: clock.now,
    });
    const long = Object.fromEntries(twelve.map((name) => [name, "long ".repeat(1000)]));
    const cursor = value(await cursors.encode(position, owner, long));
    expect(cursor).toMatch(/^[\w-]{94}$/);
    expect(value(await cursors.decode(cursor, owner, long))).toEqual(position);
  });

  it(verifies("cursor.expires", "works for 24 hours and no longer"), async () => {
    const { cursors, clock } = setUp();
    const cursor = value(await cursors.encode(position, owner, filters));
    clock.advance(cursorLifetime - 1000);
    expect(await cursors.decode(cursor, owner, filters)).toMatchObject({ ok: true });
    clock.advance(1000);
    expect(await cursors.decode(cursor, owner, filters)).toEqual({
      ok: false,
      reason: { kind: "expired" },
    });
  });

  it(verifies("cursor.tampered", "is refused with any one character changed"), async () => {
    const { cursors } = setUp();
    const cursor = value(await cursors.encode(position, owner, filters));
    for (const index of cursor.split("").keys()) {
      const other = cursor[index] === "A" ? "B" : "A";
      const changed = cursor.slice(0, index) + other + cursor.slice(index + 1);
      const decoded = await cursors.decode(changed, owner, filters);
      expect(decoded.ok ? "accepted" : decoded.reason.kind, String(index)).toMatch(
        /^(malformed|tampered)$/,
      );
    }
  });

  it.each(["", "x", "a.b.c", "null", "{}", "💥", "..", "A".repeat(100_000)])(
    verifies("cursor.tampered", "is refused where it is none: %#"),
    async (cursor) => {
      const { cursors } = setUp();
      expect(await cursors.decode(cursor, owner, filters)).toEqual({
        ok: false,
        reason: { kind: "malformed" },
      });
    },
  );

  it(
    verifies("cursor.tampered", "is refused where it was signed for another purpose"),
    async () => {
      const { cursors, keyRing, clock } = setUp();
      const other = createCursors({
        purpose: "other-cursor",
        filterNames,
        keyRing,
        now: clock.now,
      });
      const cursor = value(await other.encode(position, owner, filters));
      expect(await cursors.decode(cursor, owner, filters)).toEqual({
        ok: false,
        reason: { kind: "malformed" },
      });
    },
  );

  it(verifies("cursor.tampered", "is refused where another ring signed it"), async () => {
    const cursor = value(await setUp().cursors.encode(position, owner, filters));
    expect(await setUp().cursors.decode(cursor, owner, filters)).toEqual({
      ok: false,
      reason: { kind: "tampered" },
    });
  });

  it(verifies("keys.unavailable", "is neither made nor judged without keys"), async () => {
    const { cursors, storage } = setUp();
    storage.readsOut = true;
    const unavailable = { ok: false, reason: { kind: "unavailable" } };
    expect(await cursors.encode(position, owner, filters)).toEqual(unavailable);
    const cursor = value(await setUp().cursors.encode(position, owner, filters));
    expect(await cursors.decode(cursor, owner, filters)).toEqual(unavailable);
  });

  it("tells the model what to do instead", () => {
    const problems: CursorProblem[] = [
      { kind: "unavailable" },
      { kind: "malformed" },
      { kind: "tampered" },
      { kind: "foreign" },
      { kind: "expired" },
      { kind: "other-filters", differing: ["from", "paymentMethod"] },
    ];
    const texts = problems.map((problem) =>
      cursorProblemText(problem, (name) => (name === "paymentMethod" ? "payment_method" : name)),
    );
    expect(texts[0]).toContain("Try again");
    for (const text of texts.slice(1)) expect(text).toMatch(/leave (it|the cursor) out/i);
    expect(texts.at(-1)).toContain("with other filters (from, payment_method).");
    const unnamed = cursorProblemText({ kind: "other-filters", differing: [] });
    expect(unnamed).toContain("with other filters.");
  });
});
