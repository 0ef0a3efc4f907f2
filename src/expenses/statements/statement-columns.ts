/** What a column of a statement says. */
export type Role =
  | "date"
  | "amount"
  /** What was paid, in a column of its own. */
  | "debit"
  /** What was paid back, in a column of its own. */
  | "credit"
  | "currency"
  | "description"
  | "category"
  | "payment method"
  | "refund";

/**
 * What banks, cards and our own export call their columns, in lower case and without signs; the name
 * that says most stands first. Where a statement has several columns of a role, the first in this order
 * is used.
 */
const headings: Readonly<Record<Role, readonly string[]>> = {
  date: [
    "transaction date",
    "date",
    "datum",
    "fecha",
    "buchungstag",
    "buchungsdatum",
    "booking date",
    "posting date",
    "posted date",
    "completed date",
    "started date",
    "value date",
    "valutadatum",
    "wertstellung",
  ],
  amount: ["amount", "betrag", "umsatz", "montant", "importe", "importo", "bedrag", "value"],
  debit: [
    "debit",
    "debit amount",
    "paid out",
    "money out",
    "withdrawal",
    "withdrawals",
    "soll",
    "débit",
  ],
  credit: [
    "credit",
    "credit amount",
    "paid in",
    "money in",
    "deposit",
    "deposits",
    "haben",
    "crédit",
  ],
  currency: ["currency", "currency code", "währung", "devise", "moneda", "valuta", "munt"],
  description: [
    "description",
    "merchant",
    "merchant name",
    "payee",
    "counterparty",
    "name",
    "details",
    "transaction description",
    "narrative",
    "memo",
    "beschreibung",
    "verwendungszweck",
    "buchungstext",
    "empfänger",
    "libellé",
    "concepto",
    "descripción",
    "descrizione",
    "omschrijving",
    "naam omschrijving",
  ],
  category: ["category"],
  "payment method": ["payment method"],
  refund: ["is refund", "refund"],
};

const roles = Object.keys(headings) as Role[];

/** Which of the columns has each role. */
export type Columns<Name> = Partial<Record<Role, Name>>;

/** What the names of columns say, and which of them say nothing that is used. */
export interface ReadHeadings<Name> {
  readonly columns: Columns<Name>;
  readonly unused: readonly string[];
}

/** @param named the columns' names, each with what finds its cell in a record */
export function readHeadings<Name>(
  named: readonly (readonly [heading: string, name: Name])[],
): ReadHeadings<Name> {
  const columns: Columns<Name> = {};
  const used = new Set<string>();
  // The first of those that are called the same.
  const byPlain = new Map(
    named.map((column) => [plainHeading(column[0]), column] as const).reverse(),
  );
  for (const role of roles) {
    const found = headings[role]
      .map((known) => byPlain.get(known))
      .find((column) => column !== undefined);
    if (!found) continue;
    columns[role] = found[1];
    used.add(found[0]);
  }
  const unused = named.flatMap(([heading]) => (used.has(heading) ? [] : [heading]));
  return { columns, unused };
}

/** Whether they suffice to read a record. */
export function areComplete({ columns }: ReadHeadings<unknown>): boolean {
  const { date, description, amount, debit, credit } = columns;
  const hasAmount = amount !== undefined || debit !== undefined || credit !== undefined;
  return date !== undefined && description !== undefined && hasAmount;
}

/** Whether they are what this server exports: its dates and amounts are written one way. */
export function areOurs(named: readonly string[]): boolean {
  return ownHeadings.every((own) => named.includes(own));
}

const ownHeadings = ["date", "amount", "currency", "category", "description", "payment_method"];

const longestHeading = 60;

function plainHeading(heading: string): string {
  return heading
    .slice(0, longestHeading)
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
