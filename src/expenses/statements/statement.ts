import { singleLine } from "../../mcp/fields.ts";
import { categories, type NewExpense, paymentMethods } from "../expense.ts";
import { amountProblemText, decimalsOf, isCurrency, parseAmount } from "../money.ts";
import { type DecimalMark, readAmount, type WrittenAmount } from "./statement-amount.ts";
import type { Role } from "./statement-columns.ts";
import { type DateOrder, readDate } from "./statement-date.ts";
import {
  type RawLine,
  type StatementRow,
  type StatementTable,
  tableOfRows,
  tableOfText,
} from "./statement-table.ts";

/** Which sign a purchase has in a statement; the other is a refund's. */
export const purchaseSigns = ["negative", "positive"] as const;

export type PurchaseSign = (typeof purchaseSigns)[number];

/** What a statement itself may not say. */
export interface StatementOptions {
  readonly dateOrder?: DateOrder | undefined;
  readonly decimal?: DecimalMark | undefined;
  readonly purchaseSign?: PurchaseSign | undefined;
  /** ISO 4217, of amounts that come without one. */
  readonly currency?: string | undefined;
  /** Of lines that name none of ours. */
  readonly category?: string | undefined;
  readonly paymentMethod?: string | undefined;
  /** ISO 4217, where neither the line nor `currency` says it. */
  readonly defaultCurrency: string;
}

/** The arguments that take a doubt away. */
export type DeciderName =
  | "date_order"
  | "decimal"
  | "purchase_sign"
  | "currency"
  | "category"
  | "payment_method";

/** A line that can be read in one way alone. */
export interface StatementLine {
  /** From 1: the line of a text, or the number of a row. */
  readonly line: number;
  readonly expense: NewExpense;
}

/** A line that cannot be read, or in more than one way. */
export interface DoubtfulLine {
  readonly line: number;
  /** As it was given. */
  readonly text: string;
  /** In words for the model, without the line's text: `the date has several readings`. */
  readonly problem: string;
  /** The argument that would decide it, where one does. */
  readonly decidedBy?: DeciderName;
  /** Arguments that the line needs besides, so that all can be asked at once. */
  readonly alsoDecidedBy?: readonly DeciderName[];
}

export interface Statement {
  readonly lines: readonly StatementLine[];
  readonly inDoubt: readonly DoubtfulLine[];
  /** What was left unread, in words. */
  readonly notes: readonly string[];
}

/**
 * Reads a statement. Nothing is guessed: what can be read in two ways is in doubt, with the argument
 * that decides it. Where no amount of a statement has a sign, all are purchases, as amounts are in
 * every other tool; where any has, `purchaseSign` says which is a purchase.
 */
export function readStatement(
  source: { readonly text: string } | { readonly rows: readonly StatementRow[] },
  options: StatementOptions,
): Statement {
  const table = "text" in source ? tableOfText(source.text) : tableOfRows(source.rows);
  const decimal = options.decimal ?? (table.isOurs ? "point" : undefined);
  const settings = { ...options, decimal, hasSigns: hasSigns(table) };
  const lines: StatementLine[] = [];
  const inDoubt: DoubtfulLine[] = [];
  for (const raw of table.lines) {
    const expense = read(raw, settings);
    const { line, text } = raw;
    if ("problem" in expense) inDoubt.push({ line, text, ...expense });
    else lines.push({ line, expense });
  }
  return { lines, inDoubt, notes: table.notes };
}

interface Settings extends StatementOptions {
  readonly hasSigns: boolean;
}

type Doubt = Pick<DoubtfulLine, "problem" | "decidedBy" | "alsoDecidedBy">;

function hasSigns({ lines }: StatementTable): boolean {
  return lines.some(
    ({ cells }) => !("problem" in cells) && /[-+(\u2212\u2012\u2013]/.test(textOf(cells.amount)),
  );
}

function read({ cells }: RawLine, settings: Settings): NewExpense | Doubt {
  if ("problem" in cells) return { problem: cells.problem as string };
  const date = dateIn(cells.date, settings.dateOrder);
  const description = descriptionIn(cells.description);
  const written = amountIn(cells, settings);
  if (typeof date !== "string") {
    const also = "problem" in written ? written.decidedBy : undefined;
    return also ? { ...date, alsoDecidedBy: [also] } : date;
  }
  if (typeof description !== "string") return description;
  if ("problem" in written) return written;
  const currency = currencyOf(cells.currency, written.amount, settings);
  if (typeof currency !== "string") return currency;
  const minorUnits = parseAmount(Number(written.amount.decimal), currency);
  if (!minorUnits.ok) {
    return { problem: amountProblemText(minorUnits.reason).replace(/\.$/, "") };
  }
  const category = choiceIn(cells.category, categories, settings.category, "category");
  if (typeof category !== "string") return category;
  const given = settings.paymentMethod;
  const method = choiceIn(cells["payment method"], paymentMethods, given, "payment_method");
  if (typeof method !== "string") return method;
  return {
    date,
    minorUnits: minorUnits.value,
    decimals: decimalsOf(currency),
    currency,
    category,
    description,
    paymentMethod: method,
    isRefund: written.isRefund,
  };
}

function dateIn(cell: unknown, order: DateOrder | undefined): string | Doubt {
  const text = textOf(cell);
  if (text === "") return { problem: "has no date" };
  const read = readDate(text, order);
  if (read.kind === "date") return read.date;
  if (read.kind === "ambiguous") {
    return { problem: "the date is a different day in another order", decidedBy: "date_order" };
  }
  const inOrder = order === undefined ? "" : ` in the order ${order}`;
  return { problem: `the date cannot be read${inOrder}; write it as YYYY-MM-DD` };
}

const descriptionField = singleLine(500);

function descriptionIn(cell: unknown): string | Doubt {
  const text = textOf(cell);
  if (text === "") return { problem: "has no description" };
  const checked = descriptionField.safeParse(text);
  return checked.success
    ? checked.data
    : { problem: `the description ${checked.error.issues[0]?.message}` };
}

interface AmountInLine {
  readonly amount: WrittenAmount;
  readonly isRefund: boolean;
}

function amountIn(
  cells: Readonly<Partial<Record<Role, unknown>>>,
  { decimal, purchaseSign, hasSigns }: Settings,
): AmountInLine | Doubt {
  const columns = (["amount", "debit", "credit"] as const).filter(
    (name) => isPresent(cells[name]) && !isZero(cells[name]),
  );
  const [column, another] = columns;
  if (column === undefined) return { problem: "has no amount" };
  if (another !== undefined) return { problem: `has both ${column} and ${another}` };
  const read = readCell(cells[column], decimal);
  if (read.kind === "ambiguous") {
    return {
      problem: "the mark in the amount may stand before decimals or between thousands",
      decidedBy: "decimal",
    };
  }
  if (read.kind === "none") {
    const mark = decimal === undefined ? "" : ` with a decimal ${decimal}`;
    return { problem: `the amount cannot be read${mark}` };
  }
  const { amount } = read;
  if (amount.decimal.replace(/^[0.]+|\./g, "").length > 15) {
    return { problem: "the amount has more digits than are kept exactly" };
  }
  const unknownSign = {
    problem: "whether this is a purchase or a refund depends on what its sign means",
    decidedBy: "purchase_sign",
  } as const;
  if (column !== "amount") {
    // Some banks write what was paid with a minus even in a column of its own.
    if (amount.sign !== "minus") return { amount, isRefund: column === "credit" };
    if (purchaseSign === undefined) return unknownSign;
    const isPlain = column === "debit" && purchaseSign === "negative";
    return isPlain ? { amount, isRefund: false } : { problem: `has a ${column} below zero` };
  }
  const marked = refundMark(cells.refund);
  if (marked === "unknown") return { problem: "says neither true nor false of being a refund" };
  const isOpen = hasSigns && purchaseSign === undefined;
  if (marked === "refund") {
    return amount.sign === "minus" && isOpen ? unknownSign : { amount, isRefund: true };
  }
  if (amount.direction) return { amount, isRefund: amount.direction === "refund" };
  if (isOpen) return unknownSign;
  const isMinus = amount.sign === "minus";
  return { amount, isRefund: purchaseSign === "negative" ? !isMinus : isMinus };
}

function refundMark(cell: unknown): "refund" | "purchase" | "unknown" {
  const text = textOf(cell).toLowerCase();
  if (["true", "yes", "1", "refund"].includes(text)) return "refund";
  return ["", "false", "no", "0"].includes(text) ? "purchase" : "unknown";
}

function currencyOf(
  cell: unknown,
  amount: WrittenAmount,
  { currency: given, defaultCurrency }: Settings,
): string | Doubt {
  const stated = textOf(cell).toUpperCase();
  const written = amount.currency;
  const isSign = written !== undefined && !/^[A-Z]{3}$/.test(written);
  const named = [stated, isSign ? "" : (written ?? "")].filter((code) => code !== "");
  const unknown = named.find((code) => !isCurrency(code));
  if (unknown !== undefined) return { problem: "names a currency that ISO 4217 does not have" };
  const [first, second = first] = named;
  if (first !== second) return { problem: "names two currencies" };
  if (first !== undefined) return first;
  if (given !== undefined) return given;
  return isSign
    ? { problem: "the currency's sign stands for several currencies", decidedBy: "currency" }
    : defaultCurrency;
}

function choiceIn(
  cell: unknown,
  choices: readonly string[],
  given: string | undefined,
  name: "category" | "payment_method",
): string | Doubt {
  const text = textOf(cell)
    .toLowerCase()
    .replace(/[\s-]+/g, "_");
  if (text === "") return given ?? "other";
  if (choices.includes(text)) return text;
  const what = name.replace("_", " ");
  return given ?? { problem: `the ${what} is none that there is here`, decidedBy: name };
}

function readCell(cell: unknown, decimal: DecimalMark | undefined) {
  // A number says itself where its decimals begin.
  return typeof cell === "number"
    ? readAmount(plainNumber(cell), "point")
    : readAmount(textOf(cell), decimal);
}

/** Without an exponent, which no statement has. */
function plainNumber(number: number): string {
  const text = String(number);
  return text.includes("e") ? "" : text;
}

function isPresent(cell: unknown): boolean {
  return textOf(cell) !== "";
}

/** An empty side of a debit and credit pair, as some banks write it. */
function isZero(cell: unknown): boolean {
  return /^[\s0.,]*$/.test(textOf(cell));
}

function textOf(cell: unknown): string {
  return ["string", "number", "boolean"].includes(typeof cell) ? String(cell).trim() : "";
}
