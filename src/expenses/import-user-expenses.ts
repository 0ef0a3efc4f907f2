import { failure, type Result, success } from "../core/result.ts";
import { defineTool } from "../mcp/define-tool.ts";
import { everyone } from "../mcp/policy.ts";
import type { DefinedTool, ToolContext, ToolFailure } from "../mcp/tool.ts";
import { storeToolFailures } from "../storage/failure.ts";
import { checkStatement, shownCheck, sumTexts } from "./statements/import-check.ts";
import { lineRanges } from "./statements/import-rows.ts";
import { type RunClock, type RunOutcome, realClock, runImport } from "./statements/import-run.ts";
import {
  type ImportInput,
  type ImportOutput,
  importInput,
  importOutput,
} from "./statements/import-shapes.ts";
import { importText } from "./statements/import-text.ts";
import { type KeptImport, type KeptImports, mostKept } from "./statements/kept-imports.ts";
import { readStatement } from "./statements/statement.ts";
import { type ExpenseStore, storeToolFailure } from "./store/store.ts";

export interface ImportUserExpensesParts {
  readonly store: ExpenseStore;
  readonly imports: KeptImports;
  /** ISO 4217. */
  readonly defaultCurrency: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** For tests. */
  readonly clock?: RunClock;
}

/** Imports a statement in two steps. Policy: everyone, into their own expenses. */
export function importUserExpenses(parts: ImportUserExpensesParts): DefinedTool {
  // Several at once would ask the database for as many times what one is paced to.
  const adding = new Set<string>();
  return defineTool({
    name: "import_user_expenses",
    title: "Import a statement",
    description:
      "Imports a statement in two steps. 1: text (or rows) is checked, nothing is stored; shows what would be added, likely duplicates, and lines in doubt with the argument that decides (ask, never guess). 2, only on the person's word: import_id adds it. Repeating doubles nothing.",
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
    inputSchema: importInput,
    outputSchema: importOutput,
    // Of 5,000 rows, each with nineteen columns; most have fewer.
    inputValues: 100_000,
    policy: everyone,
    freeText: ["first", "examples", "notes"],

    handler: (input, context) =>
      input.import_id === undefined
        ? check(parts, input, context)
        : add({ ...parts, adding }, { ...input, import_id: input.import_id }, context),

    ifUnknown:
      "Call it again with the same arguments: each line is stored once, however often it is added.",

    present: importText,
  });
}

const keptFailure = storeToolFailures({ all: "The checked statements", one: "statement" });

type Outcome = Promise<Result<ImportOutput, ToolFailure>>;

/** The first step. */
async function check(
  { store, imports, defaultCurrency }: ImportUserExpensesParts,
  { text, rows, ...input }: ImportInput,
  { caller, signal, log }: ToolContext,
): Outcome {
  const statement = readStatement(text === undefined ? { rows: rows ?? [] } : { text }, {
    dateOrder: input.date_order,
    decimal: input.decimal,
    purchaseSign: input.purchase_sign,
    currency: input.currency,
    category: input.category,
    paymentMethod: input.payment_method,
    defaultCurrency,
  });
  const checked = await checkStatement(store, caller.objectId, statement, signal);
  if (!checked.ok) return storeToolFailure(checked.reason, log);
  const shown = { state: "checked", ...shownCheck(checked.value, statement.inDoubt) } as const;
  const doubts = statement.inDoubt.length > 0;
  if (checked.value.rows.length === 0) {
    return success({ ...shown, next: nothingToAdd(shown.decided_by, doubts) });
  }
  const kept = await imports.keep(caller.objectId, checked.value.rows, signal);
  if (!kept.ok) return keptFailure(kept.reason, log);
  const { id, expiresAt } = kept.value;
  return success({
    ...shown,
    next: `${askFor(shown.decided_by, "to have the lines in doubt too")}Nothing is stored yet. Show the person, and only when they agree call again, within an hour, with import_id ${id}. ${leavingOut(shown.stored)}`,
    import_id: id,
    expires_at: new Date(expiresAt).toISOString(),
  });
}

function nothingToAdd(decidedBy: readonly string[] | undefined, doubts: boolean): string {
  if (!doubts) return "There is no line in it. Give the lines of the statement.";
  if (!decidedBy) return "No line can be added. Ask the person for the lines as they stand.";
  return `No line can be added yet. ${askFor(decidedBy, "to have the lines")}`.trimEnd();
}

/** With a space behind it, or nothing. */
function askFor(decidedBy: readonly string[] | undefined, why: string): string {
  if (!decidedBy) return "";
  return `Ask the person for ${decidedBy.join(", ")}, and call again with the statement and these, ${why}. `;
}

function leavingOut(stored: string | undefined): string {
  return stored === undefined
    ? "leave_out takes the numbers of lines that they do not want."
    : "leave_out_stored true leaves out what looks like stored expenses, leave_out the lines whose numbers it names.";
}

interface AddParts extends ImportUserExpensesParts {
  /** Whose imports are under way. */
  readonly adding: Set<string>;
}

/** The second step, as often as it takes. */
async function add(
  { store, imports, now, clock = realClock, adding }: AddParts,
  { import_id: id, leave_out = [], leave_out_stored }: ImportInput & { readonly import_id: string },
  { caller, signal, log, progress }: ToolContext,
): Outcome {
  const userId = caller.objectId;
  const found = await imports.find(userId, id, signal);
  if (!found.ok) return keptFailure(found.reason, log);
  if (!found.value) return noSuchImport;
  const { kept, progress: before } = found.value;
  const wanted = linesToLeaveOut(kept, before, leave_out, leave_out_stored ?? false);
  if (!wanted.ok) return wanted;
  const leftOut = wanted.value;
  const isNew = leftOut.size > before.leftOut.length;
  const unchanged = { done: before.done, leftOut: [...leftOut] };
  // Before anything is added, or whoever goes on after a failure would add what is to be left out.
  if (isNew) {
    const saved = await imports.saveProgress(userId, id, unchanged, signal);
    if (!saved.ok) return keptFailure(saved.reason, log);
  }
  if (adding.has(userId)) return failure(underWay(id));
  adding.add(userId);
  const run = await runImport({
    store,
    userId,
    rows: kept.rows,
    done: before.done,
    leftOut,
    async look(of) {
      const kept = await imports.progress(userId, id, of);
      return kept.ok ? success(kept.value?.leftOut) : kept;
    },
    now,
    clock,
    signal,
    progress: (done, total) => progress(done, total, `${done} of ${total} lines`),
  }).finally(() => adding.delete(userId));
  if (run.isGone) return noSuchImport;
  // Whoever is told to call again would do so for ever.
  const hasMoved = run.added > 0 || run.done > before.done;
  if (run.failure && !hasMoved) return storeToolFailure(run.failure, log);
  if (run.failure) {
    log("warn", "import.stopped", { reason: run.failure.kind, done: run.done });
  }
  if (run.done > before.done) {
    // Where it fails, the next call begins further in front, and adds nothing twice.
    await imports.saveProgress(userId, id, { ...unchanged, done: run.done }, signal);
  }
  return success(shownRun(id, kept, run));
}

const noSuchImport = failure<ToolFailure>({
  reason: "import-unknown",
  message: `There is no such import: it was checked more than an hour ago, or ${mostKept} others since, or all was deleted. Check the statement again (first step): what is there already is not added twice.`,
});

function underWay(id: string): ToolFailure {
  return {
    reason: "import-under-way",
    message: `An import of this person is being added at this moment, and this call has added nothing; lines to leave out are left out from now on. Wait half a minute, then call again with import_id ${id} alone.`,
  };
}

/** All that were ever left out of this import, or why that cannot be. */
function linesToLeaveOut(
  { rows }: KeptImport,
  { done, leftOut: before }: { readonly done: number; readonly leftOut: readonly number[] },
  lines: readonly number[],
  stored: boolean,
): Result<ReadonlySet<number>, ToolFailure> {
  const positions = new Map(rows.map(({ line }, index) => [line, index]));
  const unknown = lines.filter((line) => !positions.has(line));
  if (unknown.length > 0) {
    return failure({
      reason: "import-no-such-line",
      message: `Nothing was added: the import has no line ${lineRanges(unknown)}. Use the numbers that its check showed.`,
    });
  }
  const likeStored = stored
    ? rows.flatMap(({ line, storedId }, index) =>
        storedId !== undefined && index >= done ? [line] : [],
      )
    : [];
  const leftOut = new Set([...before, ...likeStored, ...lines]);
  const tooLate = lines.filter(
    (line) => !before.includes(line) && (positions.get(line) ?? 0) < done,
  );
  if (tooLate.length === 0) return success(leftOut);
  return failure({
    reason: "import-line-added",
    message: `Nothing more was added: line ${lineRanges(tooLate)} has been added already. Delete it with delete_user_expense, and call again without it in leave_out.`,
  });
}

function shownRun(
  id: string,
  { rows, expiresAt }: KeptImport,
  { done, added, alreadyThere, leftOut, failure: stopped }: RunOutcome,
): ImportOutput {
  const meant = rows.filter(({ line }) => !leftOut.has(line));
  const stored = rows.slice(0, done).filter(({ line }) => !leftOut.has(line));
  const remaining = meant.length - stored.length;
  const isDone = done === rows.length;
  const others =
    alreadyThere > 0
      ? " If a line that was already there is another purchase, add it with add_user_expense."
      : "";
  const pause = stopped ? "Wait some seconds, then call" : "Call";
  return {
    state: isDone ? "done" : "stopped",
    next: isDone
      ? `Tell the person.${others} The statement may be imported again: nothing is doubled.`
      : `${pause} again with import_id ${id} alone: it goes on where it stopped.`,
    import_id: id,
    ...(!isDone && { expires_at: new Date(expiresAt).toISOString(), remaining }),
    count: stored.length,
    sums: sumTexts(stored),
    added_now: added,
    ...(alreadyThere > 0 && { already_there: alreadyThere }),
    ...(leftOut.size > 0 && { left_out: leftOut.size }),
  };
}
