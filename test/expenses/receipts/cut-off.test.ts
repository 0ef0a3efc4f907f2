import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failure, type Result } from "../../../src/core/result.ts";
import { attachReceipt } from "../../../src/expenses/attach-receipt.ts";
import { ReceiptFiles } from "../../../src/expenses/receipts/receipt-files.ts";
import type { ExpenseStore } from "../../../src/expenses/store/store.ts";
import type { UserBlobs } from "../../../src/storage/user-blobs.ts";
import { verifies } from "../../requirements.ts";
import { callTool } from "../../support/call-tool.ts";
import { textOf } from "../../support/clients.ts";
import { value } from "../../support/value.ts";
import { png } from "./files.ts";
import { type BackEnds, startBackEnds, storeWithExpense } from "./set-up.ts";

let backEnds: BackEnds;
beforeAll(async () => {
  backEnds = await startBackEnds();
});
afterAll(() => backEnds.close());

/** How a step fails: not carried out, carried out without an answer, or the last that there is. */
const ways = ["refused", "unanswered", "killed"] as const;
type Way = (typeof ways)[number];

/** Lets the calls to storage and database pass but for one of them; counts them all. */
class Cut {
  steps = 0;
  readonly #at: number;
  readonly #way: Way;

  /** @param at which step fails, from 1; 0 for none */
  constructor(at: number, way: Way) {
    this.#at = at;
    this.#way = way;
  }

  of<Target extends object>(target: Target): Target {
    return new Proxy(target, {
      get: (_target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return (...call: unknown[]) => this.#step(name, () => method.apply(target, call));
      },
    });
  }

  async #step(
    name: string | symbol,
    carryOut: () => Promise<Result<unknown, unknown>>,
  ): Promise<Result<unknown, unknown>> {
    this.steps += 1;
    const isCut = this.#way === "killed" ? this.steps >= this.#at : this.steps === this.#at;
    if (this.#at === 0 || !isCut) return carryOut();
    if (this.#way === "unanswered") await carryOut();
    // As the database's own: a write without an answer may have taken place.
    const isUnknown = name === "changeReceipts" && this.#way !== "refused";
    const reason = {
      kind: "unavailable",
      cause: "cut",
      ...(isUnknown && { isOutcomeUnknown: true }),
    };
    return failure(reason);
  }
}

const call = () => ({ signal: AbortSignal.timeout(20_000), log: () => {} });

/** Attaching, and how it is with the expense: which receipts it has, and that each file is there. */
async function setUp(at: number, way: Way) {
  const { store, userId, expense } = await storeWithExpense(backEnds);
  const cut = new Cut(at, way);
  const filesWith = (blobs: UserBlobs, over: ExpenseStore) =>
    new ReceiptFiles({ blobs, store: over, now: Date.now });
  const sound = filesWith(backEnds.blobs, store);
  return {
    cut,
    userId,
    expense,
    files: filesWith(cut.of(backEnds.blobs), cut.of(store)),
    sound,
    async receipts() {
      const { expense: now } = value(await store.find(userId, expense.id)) ?? {};
      for (const { id } of now?.receipts ?? []) {
        const file = value(await sound.read(userId, expense.id, id, call().signal));
        expect(png.equals(file?.bytes ?? new Uint8Array())).toBe(true);
      }
      return now?.receipts ?? [];
    },
  };
}

async function stepsOfAttaching(): Promise<number> {
  const { cut, files, userId, expense } = await setUp(0, "refused");
  value(await files.attach(userId, expense.id, { bytes: png, mediaType: "image/png" }, call()));
  return cut.steps;
}

describe.each(ways)("attaching, cut off by a step that is %s", (way) => {
  it(
    verifies("receipts.cut-off", "refers to what is there alone, and is finished by a repetition"),
    async () => {
      const steps = await stepsOfAttaching();
      expect(steps).toBeGreaterThanOrEqual(6);
      for (let at = 1; at <= steps; at += 1) {
        const { files, sound, userId, expense, receipts } = await setUp(at, way);
        const file = { bytes: png, mediaType: "image/png" };
        const first = await files.attach(userId, expense.id, file, call());
        const after = await receipts();
        // What was acknowledged is there; what is known to have failed is not.
        if (first.ok) expect(after).toHaveLength(1);
        else if (!("isOutcomeUnknown" in first.reason)) expect(after).toEqual([]);

        const again = value(await sound.attach(userId, expense.id, file, call()));
        expect(again?.kind).toBe(after.length === 1 ? "already-attached" : "attached");
        expect(await receipts()).toHaveLength(1);
      }
    },
  );
});

it(
  verifies("receipts.cut-off", "says whether it is known, and that a repetition does no harm"),
  async () => {
    const arguments_ = { id: "expense", data: png.toString("base64") };
    const told = async (reason: object) => {
      const tool = attachReceipt({ attach: async () => failure(reason as never) });
      const result = await callTool(tool, arguments_);
      expect(result.isError).toBe(true);
      return textOf(result);
    };
    expect(await told({ kind: "unavailable", cause: "secret" })).toBe(
      "The receipts cannot be reached right now. Try again in a minute.",
    );
    expect(await told({ kind: "unavailable", cause: "secret", isOutcomeUnknown: true })).toBe(
      "It is not known whether attach_receipt was carried out. Repeat the call unchanged: the same file is attached once.",
    );
  },
);
