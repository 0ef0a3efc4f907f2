import { createHash } from "node:crypto";
import type { Container, SqlQuerySpec } from "@azure/cosmos";
import { z } from "zod";

/**
 * What the version before refunds, changes and receipts did to the container, word for word: its schema,
 * its writes, its queries. While a deployment is under way its instances serve beside those of the
 * present version. Frozen: it is no part of the server, and does not change with it.
 */

/** The old version's schema; what it cannot parse it shows as unreadable, and sums leave out. */
const oldSchema = z.object({
  id: z.string(),
  userId: z.string(),
  type: z.literal("expense"),
  schemaVersion: z.literal(1),
  date: z.string(),
  minorUnits: z.int().positive(),
  decimals: z.int().min(0).max(6).optional(),
  currency: z.string(),
  category: z.string(),
  paymentMethod: z.string(),
  description: z.string(),
  createdAt: z.string(),
  sortKey: z.string(),
  searchText: z.string(),
});

export type OldItem = z.output<typeof oldSchema>;

export type OldExpense = Pick<
  OldItem,
  "date" | "minorUnits" | "currency" | "category" | "paymentMethod" | "description"
> & { readonly decimals: number };

/** An item as the old version wrote it. */
export function oldItem(userId: string, id: string, expense: OldExpense, now: number): OldItem {
  const createdAt = new Date(now).toISOString();
  return {
    id,
    userId,
    type: "expense",
    schemaVersion: 1,
    ...expense,
    createdAt,
    sortKey: `${expense.date}|${createdAt}|${id}`,
    searchText: expense.description.normalize("NFKC").toUpperCase(),
  };
}

/** The id that the old version gave to what was added with an idempotency key. */
export function oldIdOfKey(userId: string, idempotencyKey: string): string {
  return createHash("sha256").update(`${userId}\n${idempotencyKey}`).digest("base64url");
}

/** The operations of the old version's store. */
export function oldStore(container: Container) {
  async function query(query: SqlQuerySpec, partitionKey?: string) {
    const { resources } = await container.items.query(query, { partitionKey }).fetchAll();
    return resources;
  }

  return {
    /** `existing` is what lies there under the key, where the old version can read it. */
    async add(userId: string, key: string, expense: OldExpense, now: number) {
      const id = oldIdOfKey(userId, key);
      try {
        await container.items.create(oldItem(userId, id, expense, now));
        return { kind: "added" } as const;
      } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === 409)) throw error;
      }
      const { resource } = await container.item(id, userId).read();
      const existing = oldSchema.parse(resource);
      const told = ["date", "minorUnits", "currency", "category", "paymentMethod", "description"];
      const isSame = told.every(
        (name) => Reflect.get(existing, name) === Reflect.get(expense, name),
      );
      return { kind: isSame ? "already-added" : "differs", existing } as const;
    },

    /** The newest first, filtered by a text where one is given, with the ids that it cannot read. */
    async list(userId: string, text?: string) {
      const found = await query(
        {
          query: `SELECT TOP 101 * FROM c WHERE c.type = 'expense' AND c.userId = @userId${text ? " AND CONTAINS(c.searchText, @text)" : ""} ORDER BY c.sortKey DESC`,
          parameters: [
            { name: "@userId", value: userId },
            ...(text ? [{ name: "@text", value: text.normalize("NFKC").toUpperCase() }] : []),
          ],
        },
        userId,
      );
      const parsed = found.map((item) => oldSchema.safeParse(item));
      return {
        items: parsed.flatMap(({ data }) => (data ? [data] : [])),
        unreadable: parsed.filter(({ success }) => !success).length,
      };
    },

    /** How many it counts of everyone's, and how many it cannot read. */
    async statistics() {
      const counted = oldSchema.pick({
        ...{ date: true, currency: true, category: true, minorUnits: true, decimals: true },
      });
      const found = await query({
        query:
          "SELECT TOP 50001 c.date, c.currency, c.category, c.minorUnits, c.decimals FROM c WHERE c.type = 'expense' ORDER BY c.sortKey DESC",
      });
      const parsed = found.map((item) => counted.safeParse(item));
      return {
        figures: parsed.flatMap(({ data }) => (data ? [data] : [])),
        unreadable: parsed.filter(({ success }) => !success).length,
      };
    },

    /** Deletes what it read, in the version that it read. */
    async delete(userId: string, id: string): Promise<OldItem> {
      const { resource, etag } = await container.item(id, userId).read();
      const item = oldSchema.parse(resource);
      await container
        .item(id, userId)
        .delete({ accessCondition: { type: "IfMatch", condition: etag } });
      return item;
    },
  };
}
