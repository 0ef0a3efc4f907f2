/** What a list is ordered by, the newest or largest first. */
export const expenseOrders = ["date", "amount", "added"] as const;

export type ExpenseOrder = (typeof expenseOrders)[number];

/** Where a page ended: behind one expense, which is named as exactly as the order needs. */
export interface Position {
  readonly order: ExpenseOrder;
  /** `YYYY-MM-DD`. */
  readonly date: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** How the id begins: of expenses of one day, added in one millisecond, it tells one from another. */
  readonly idPrefix: string;
  /** Where the order is by amount. */
  readonly minorUnits?: number;
}

/** Enough of an id: of random characters, eight are 32 bits at least. */
const prefixLength = 8;

/**
 * The position of a stored expense by the key that orders it.
 *
 * @param sortKey as `stored-expense.ts` makes it; any other has no position
 */
export function positionOf(
  order: ExpenseOrder,
  sortKey: unknown,
  minorUnits: unknown,
): Position | undefined {
  const [, date, createdAt, idPrefix] =
    /^(\d{4}-\d\d-\d\d)\|(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)\|([\w-]{0,8})/.exec(
      String(sortKey),
    ) ?? [];
  if (date === undefined || createdAt === undefined || idPrefix === undefined) return undefined;
  const position = { order, date, createdAt: Date.parse(createdAt), idPrefix };
  if (order !== "amount") return position;
  return Number.isSafeInteger(minorUnits)
    ? { ...position, minorUnits: Number(minorUnits) }
    : undefined;
}

/** Less than the sort key of the expense behind which the position is, and than no other's before it. */
export function sortKeyAt({ date, createdAt, idPrefix }: Position): string {
  return `${date}|${new Date(createdAt).toISOString()}|${idPrefix}`;
}

const dayMilliseconds = 24 * 60 * 60 * 1000;

/**
 * A position in at most 24 bytes: the order, the day (since 1970), the millisecond, for amounts the
 * minor units, and the beginning of the id.
 */
export function positionBytes(position: Position): Uint8Array<ArrayBuffer> {
  const { order, date, createdAt, idPrefix, minorUnits } = position;
  const bytes = Buffer.alloc(24);
  let end = bytes.writeUInt8(expenseOrders.indexOf(order));
  end = bytes.writeUInt16BE(Date.parse(date) / dayMilliseconds, end);
  end = bytes.writeUIntBE(createdAt, end, 6);
  if (minorUnits !== undefined) {
    end = bytes.writeUInt8(Math.floor(minorUnits / 2 ** 48), end);
    end = bytes.writeUIntBE(minorUnits % 2 ** 48, end, 6);
  }
  end += bytes.write(idPrefix.slice(0, prefixLength), end, "latin1");
  return Uint8Array.from(bytes.subarray(0, end));
}

/** The position that {@link positionBytes} made these bytes of. */
export function positionFrom(bytes: Uint8Array): Position | undefined {
  const read = Buffer.from(bytes);
  const order = expenseOrders[read[0] ?? -1];
  const idAt = order === "amount" ? 16 : 9;
  if (order === undefined || read.length < idAt) return undefined;
  const minorUnits = order === "amount" && read.readUInt8(9) * 2 ** 48 + read.readUIntBE(10, 6);
  return {
    order,
    date: new Date(read.readUInt16BE(1) * dayMilliseconds).toISOString().slice(0, 10),
    createdAt: read.readUIntBE(3, 6),
    idPrefix: read.subarray(idAt).toString("latin1"),
    ...(minorUnits !== false && { minorUnits }),
  };
}
