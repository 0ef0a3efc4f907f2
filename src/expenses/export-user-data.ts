import { z } from "zod";
import { failure, type Result, success } from "../core/result.ts";
import { defineTool, type Link } from "../mcp/define-tool.ts";
import { calendarDate } from "../mcp/fields.ts";
import { everyone } from "../mcp/policy.ts";
import type { DefinedTool } from "../mcp/tool.ts";
import type { StoreFailure } from "../storage/failure.ts";
import { category, type Expense } from "./expense.ts";
import { type ExpenseFilters, fromNotAfterTo } from "./expense-filters.ts";
import { csvText } from "./exports/csv.ts";
import { csvRecords, daysOf, largestPart, monthUri } from "./exports/export-months.ts";
import type { Position } from "./store/position.ts";
import {
  type ExpenseStore,
  type FiguresFound,
  largestPage,
  storeToolFailure,
} from "./store/store.ts";
import { roomOfAnswer } from "./summary/answer-room.ts";
import { type ExpenseFigures, shownSum, sumsOf, sumText } from "./summary/sums.ts";

/** How many months an answer names each by itself at most: a year's. */
const shownMonths = 12;
/** Fewer rows than this are in the answer as well. */
const inlineBelow = 200;
/** How many links an answer has: some months may have many parts. */
const mostLinks = 60;

const inputSchema = z
  .strictObject({
    from: calendarDate.optional().describe("A day of the first month, as YYYY-MM-DD."),
    to: calendarDate.optional().describe("A day of the last month."),
    category: category.optional().describe("Only this kind."),
  })
  .check(fromNotAfterTo);

const outputSchema = z.object({
  count: z.int().describe("How many expenses and refunds."),
  sums: z.array(z.string()).describe("Of these, per currency."),
  months: z
    .array(
      z.object({
        month: z.string().describe("YYYY-MM."),
        count: z.int().describe("How many."),
        sums: z.array(z.string()).describe("Per currency."),
        csv: z.string().describe("URI."),
        json: z.string().describe("URI."),
        parts: z.int().optional().describe("Where there are several: .1 in the URI to .parts."),
      }),
    )
    .describe("The newest first, each with resources to read it from."),
  earlier: z.string().optional().describe("Further months, how many each, and their resources."),
  csv: z
    .array(z.string())
    .optional()
    .describe(`The lines of one CSV file, where it has fewer than ${inlineBelow} rows.`),
  notes: z.array(z.string()).optional().describe("What is missing."),
});

type Output = z.output<typeof outputSchema>;

/** Shows where one's own expenses can be read as files. Policy: everyone, each their own. */
export function exportUserData(store: ExpenseStore): DefinedTool {
  return defineTool({
    name: "export_user_data",
    title: "Export expenses",
    description:
      "Exports the signed-in person's expenses by whole months as CSV and JSON: a resource to read for each, with count and sums, and the CSV itself where it is short. import_user_expenses takes it back unchanged.",
    annotations: { readOnlyHint: true, openWorldHint: false },
    inputSchema,
    outputSchema,
    policy: everyone,
    freeText: ["csv"],

    async handler({ from, to, category: only }, { caller, signal, log }) {
      const filters: ExpenseFilters = {
        ...(from !== undefined && { from: daysOf(from.slice(0, 7)).from }),
        ...(to !== undefined && { to: daysOf(to.slice(0, 7)).to }),
        ...(only !== undefined && { categories: [only] }),
      };
      const found = await store.figures(caller.objectId, filters, { signal });
      if (!found.ok) return storeToolFailure(found.reason, log);
      const { figures } = found.value;
      const shown = shownMonthsOf(found.value, only);
      if (figures.length === 0 || figures.length >= inlineBelow) return success(shown);
      const all = await readAll(store, caller.objectId, filters, signal);
      if (!all.ok) return storeToolFailure(all.reason, log);
      const records = csvRecords(all.value);
      return success({ ...shown, csv: records.map((record) => csvText([record]).trimEnd()) });
    },

    present({ count, sums, months, earlier, csv = [], notes = [] }, quote) {
      if (count === 0) return ["No expenses.", ...notes].join("\n");
      const lines = [`${countText(count)}: ${sums.join("; ")}`];
      for (const month of months) {
        const parts = month.parts === undefined ? "" : ` in parts .1 to .${month.parts}:`;
        lines.push(
          `- ${month.month}, ${countText(month.count)}, ${month.sums.join("; ")}:${parts} ${month.csv} ${month.json}`,
        );
      }
      if (earlier !== undefined) lines.push(earlier);
      lines.push(...notes);
      if (csv.length > 0) lines.push("All of it as CSV:", quote(csv));
      return lines.join("\n");
    },

    links: ({ months }) => months.flatMap(linksOf).slice(0, mostLinks),
  });
}

function shownMonthsOf(
  { figures, unreadable, cutAt }: FiguresFound,
  only: z.output<typeof category> | undefined,
): Output {
  const byMonth = [...Map.groupBy(figures, ({ date }) => date.slice(0, 7))];
  const notes = [
    ...(unreadable > 0
      ? [`${unreadable} that cannot be read are not counted; the JSON files name them.`]
      : []),
    ...(cutAt === undefined
      ? []
      : [
          `Only the newest ${figures.length} are here, back to ${cutAt}: export again with to ${cutAt} for the others. The last month may have more than is counted.`,
        ]),
  ];
  const months = byMonth.slice(0, shownMonths).map(([month, ofMonth]) => {
    const parts = Math.ceil(ofMonth.length / largestPart);
    const file = { month, ...(parts > 1 && { part: 1 }), ...(only && { category: only }) };
    return {
      month,
      count: ofMonth.length,
      sums: sumTexts(ofMonth),
      csv: monthUri(file, "csv"),
      json: monthUri(file, "json"),
      ...(parts > 1 && { parts }),
    };
  });
  const sums = sumTexts(figures);
  const shownWith = (named: number): Output => ({
    count: figures.length,
    sums,
    months: months.slice(0, named),
    ...(byMonth.length > named && { earlier: earlierText(byMonth.slice(named), only) }),
    ...(notes.length > 0 && { notes }),
  });
  // Months with many currencies take more room: fewer are named each by itself then.
  let named = months.length;
  // As JSON it is longer than as text.
  while (named > 1 && JSON.stringify(shownWith(named)).length > roomOfAnswer) named -= 1;
  return shownWith(named);
}

/** Enough for eight years. */
const longestEarlier = 1_500;

function earlierText(
  months: readonly (readonly [string, readonly ExpenseFigures[]])[],
  only: z.output<typeof category> | undefined,
): string {
  const [[latest] = [""]] = months;
  const file = { month: "YYYY-MM", ...(only && { category: only }) };
  const names = months.map(([month, { length }]) =>
    length > largestPart
      ? `${month} (${length} in ${Math.ceil(length / largestPart)} parts)`
      : `${month} (${length})`,
  );
  const all = names.join(", ");
  const shown =
    all.length <= longestEarlier ? all : `${all.slice(0, all.lastIndexOf(",", longestEarlier))}, …`;
  return `Before: ${shown}. Read them from ${monthUri(file, "csv")} or .json, or export with to ${daysOf(latest).to}.`;
}

function sumTexts(figures: readonly ExpenseFigures[]): string[] {
  return sumsOf(figures).map((sum) => sumText(shownSum(sum)));
}

function countText(count: number): string {
  return count === 1 ? "1 expense" : `${count} expenses`;
}

function linksOf({ month, csv, json, parts = 1 }: Output["months"][number]): Link[] {
  const links = (["csv", "json"] as const).map((format): Link => {
    const mimeType = format === "csv" ? "text/csv" : "application/json";
    const name = `${month}.${format}`;
    return { uri: format === "csv" ? csv : json, name, title: name, mimeType };
  });
  const others = Array.from({ length: parts - 1 }, (_, index) => `${month}.${index + 2}`);
  const further = others.flatMap((name) =>
    links.map((link) => ({
      ...link,
      uri: link.uri.replace(`${month}.1`, name),
      name,
      title: name,
    })),
  );
  return [...links, ...further];
}

async function readAll(
  store: ExpenseStore,
  userId: string,
  filters: ExpenseFilters,
  signal: AbortSignal,
): Promise<Result<readonly Expense[], StoreFailure>> {
  const all: Expense[] = [];
  let after: Position | undefined;
  do {
    const page = await store.list(userId, filters, { limit: largestPage, after, signal });
    if (!page.ok) return failure(page.reason);
    all.push(...page.value.expenses);
    after = page.value.next;
    // More may be added meanwhile; the answer has room for so many.
  } while (after !== undefined && all.length < inlineBelow);
  return success(all);
}
