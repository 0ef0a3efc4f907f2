import { failure, type Result, success } from "../../core/result.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { UserItems } from "../../storage/user-items.ts";
import type { Expense } from "../expense.ts";
import { changedFields, type ExpenseChanges, withChanges } from "../expense-changes.ts";
import type { Receipt } from "../receipt.ts";
import type { CallOptions, UpdateOptions, UpdateOutcome } from "./store.ts";
import {
  changeOf,
  digest,
  expenseOf,
  newVersion,
  type StoredExpense,
  storedWith,
  storedWithReceipts,
  versionOf,
} from "./stored-expense.ts";

/** How often a change is tried anew, where others change the same expense at the same time. */
const attempts = 20;

/** What becomes of a stored expense, or the answer where nothing is to be written. */
type Decision<Outcome> = { readonly write: StoredExpense } | { readonly answer: Outcome };

/** Changes of one expense, each of which takes place only while the expense is what was read. */
export class CosmosUpdates {
  readonly #items: UserItems<StoredExpense>;

  constructor(items: UserItems<StoredExpense>) {
    this.#items = items;
  }

  async update(
    userId: string,
    id: string,
    { version, changes, signal }: UpdateOptions,
  ): Promise<Result<UpdateOutcome | undefined, StoreFailure>> {
    return this.#change<UpdateOutcome>(userId, id, signal, {
      decide(stored, nextVersion) {
        const expense = expenseOf(stored);
        if (versionOf(stored) !== version) return { answer: missed(stored, version, changes) };
        const changed = withChanges(expense, changes);
        if (!changed.ok) return { answer: { kind: "no-amount", problem: changed.reason } };
        const fields = changedFields(expense, changed.value);
        if (fields.length === 0) return { answer: { kind: "already-updated", expense } };
        const change = changeOf(stored, fields, requested(changes));
        return { write: storedWith(stored, changed.value, change, nextVersion) };
      },
      written: (expense) => ({ kind: "updated", expense }),
    });
  }

  async changeReceipts(
    userId: string,
    id: string,
    change: (receipts: readonly Receipt[]) => readonly Receipt[] | undefined,
    { signal }: CallOptions = {},
  ): Promise<Result<Expense | undefined, StoreFailure>> {
    return this.#change<Expense>(userId, id, signal, {
      decide(stored, nextVersion) {
        const expense = expenseOf(stored);
        const receipts = change(expense.receipts);
        if (receipts === undefined) return { answer: expense };
        const remembered = changeOf(
          stored,
          ["receipts"],
          receipts.map((receipt) => receipt.id),
        );
        return { write: storedWithReceipts(stored, receipts, remembered, nextVersion) };
      },
      written: (expense) => expense,
    });
  }

  /** Reads, decides and writes, and begins anew where another change came between. */
  async #change<Outcome>(
    userId: string,
    id: string,
    signal: AbortSignal | undefined,
    steps: {
      decide(stored: StoredExpense, nextVersion: string): Decision<Outcome>;
      written(expense: Expense): Outcome;
    },
  ): Promise<Result<Outcome | undefined, StoreFailure>> {
    const nextVersion = newVersion();
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const read = await this.#items.find(userId, id, signal);
      if (!read.ok) return read;
      if (!read.value) return success(undefined);
      const { item } = read.value;
      // The SDK repeats a write whose answer was lost: the second time it finds its own.
      if (item.version === nextVersion) return success(steps.written(expenseOf(item)));
      const decision = steps.decide(item, nextVersion);
      if ("answer" in decision) return success(decision.answer);
      const replaced = await this.#items.replace(read.value, decision.write, signal);
      if (!replaced.ok) return replaced;
      if (replaced.value) return success(steps.written(expenseOf(decision.write)));
    }
    return failure({ kind: "unavailable", cause: "others changed the item all the time" });
  }
}

/** An update of a version that the expense no longer is. */
function missed(stored: StoredExpense, version: string, changes: ExpenseChanges): UpdateOutcome {
  const expense = expenseOf(stored);
  const { changes: made = [] } = stored;
  const first = made.findIndex(({ from }) => from === version);
  if (first < 0) return { kind: "changed-since", expense };
  if (made[first]?.request === digest(requested(changes))) {
    return { kind: "already-updated", expense };
  }
  const fields = new Set(made.slice(first).flatMap((change) => change.fields));
  return { kind: "changed-since", fields: [...fields], expense };
}

/** What was asked for, the same whatever the order of its parts. */
function requested(changes: ExpenseChanges): readonly (readonly [string, unknown])[] {
  return Object.entries(changes)
    .filter(([, value]) => value !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
}
