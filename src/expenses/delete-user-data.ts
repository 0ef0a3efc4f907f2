import { z } from "zod";
import { failure, type Result, success } from "../core/result.ts";
import { defineTool } from "../mcp/define-tool.ts";
import type { DefinedTool, ToolContext, ToolFailure } from "../mcp/tool.ts";
import { restorableDays } from "../storage/user-blobs.ts";
import type { Eraser } from "./erasure/erasure.ts";
import { storeToolFailure } from "./store/store.ts";

/** The longest that backups of the database go back: `cosmosBackupTier` of infra/main.bicep. */
export const backupDays = 30;
/** Unless whoever runs the server chose more: `logRetentionDays` of infra/main.bicep. */
export const logDays = 30;

/** How long a call deletes before it answers, in milliseconds; clients wait for a minute. */
const callMilliseconds = 20_000;
const dayMilliseconds = 24 * 60 * 60 * 1000;

const amounts = {
  expenses: z.int().describe("How many."),
  receipts: z.int().describe("How many."),
  uploads: z.int().describe("Unattached receipts, unfinished imports."),
  connections: z.int().describe("Clients that need a new sign-in."),
};

const affectedSchema = z.object({
  ...amounts,
  since: z.string().optional().describe("Date of the earliest expense."),
  under_way_since: z.string().optional().describe("When a deletion began that is not finished."),
});

type Affected = z.output<typeof affectedSchema>;

const outputSchema = z.object({
  state: z
    .enum(["deleted", "being_deleted"])
    .describe("being_deleted: all is hidden, and goes by itself."),
  ...amounts,
  remains: z
    .array(
      z.object({
        what: z.string().describe("Copies of what."),
        until: z.string().describe("Date, YYYY-MM-DD, and on what it depends."),
      }),
    )
    .describe("What is out of the person's reach and goes later."),
});

export interface DeleteUserDataParts {
  readonly eraser: Eraser;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Deletes all that is stored of the caller. Policy: everyone, each call with approval. */
export function deleteUserData({ eraser, now }: DeleteUserDataParts): DefinedTool {
  return defineTool({
    name: "delete_user_data",
    title: "Delete all my data",
    description:
      "Deletes everything that is stored of the signed-in person, for good: expenses, receipts, uploads, connections of clients. Offer export_user_data first. Asks first, as delete_user_expense does.",
    annotations: {
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: true,
      openWorldHint: false,
    },
    inputSchema: z.strictObject({}),
    outputSchema,
    policy: {
      approval: {
        affectedSchema,
        affected: (_input, context) => whatIsThere(eraser, context),
        question,
      },
    },

    handler: async (_input, { caller: { objectId }, signal, log, audit }, approved) => {
      const begun = await eraser.begin(objectId, signal);
      if (!begun.ok) {
        const failed = storeToolFailure(begun.reason, log);
        const { reason, isOutcomeUnknown } = failed.reason;
        if (isOutcomeUnknown) audit({ action: "erasure-begun", outcome: "unknown", reason });
        return failed;
      }
      if (begun.value.hasBegun) audit({ action: "erasure-begun", outcome: "success" });
      const limited = AbortSignal.any([signal, AbortSignal.timeout(callMilliseconds)]);
      const carried = await eraser.carryOn(objectId, limited, log);
      // It has begun: what fails now is tried again by itself.
      if (!carried.ok) storeToolFailure(carried.reason, log);
      const isDone = carried.ok && carried.value?.state !== "under-way";
      const state = isDone ? ("deleted" as const) : ("being_deleted" as const);
      const { expenses, receipts, uploads, connections } =
        (carried.ok && carried.value?.counts) || approved;
      return success({
        ...{ state, expenses, receipts, uploads, connections },
        remains: remains(now(), connections),
      });
    },

    ifUnknown:
      "Look with get_user_expenses: where nothing is shown, all is being deleted by itself. Otherwise call delete_user_data again without confirmation.",

    present({ state, remains, ...deleted }) {
      const first =
        state === "deleted"
          ? `Deleted for good: ${amountText(deleted)}.`
          : `Being deleted: ${amountText(deleted)}. Nothing of it is shown any more; it goes by itself, usually within a quarter of an hour. Until then nothing can be added.`;
      const lines = remains.map(({ what, until }) => `- ${what}: until ${until}`);
      const signIn =
        deleted.connections > 0
          ? ["Connected clients, perhaps this one too, need you to sign in again."]
          : [];
      return [first, ...signIn, "What remains for a while, out of your reach:", ...lines].join(
        "\n",
      );
    },
  });
}

async function whatIsThere(
  eraser: Eraser,
  { caller: { objectId }, signal, log }: Pick<ToolContext, "caller" | "signal" | "log">,
): Promise<Result<Affected, ToolFailure>> {
  const found = await eraser.find(objectId, signal);
  if (!found.ok) return storeToolFailure(found.reason, log);
  const erasure = found.value?.item;
  if (erasure?.counts) return success({ ...erasure.counts, under_way_since: erasure.begunAt });
  const counted = await eraser.count(objectId, signal);
  if (!counted.ok) return storeToolFailure(counted.reason, log);
  const { expenses, since, receipts, uploads, connections } = counted.value;
  if (!erasure && expenses + receipts + uploads + connections === 0) {
    return failure({
      reason: "nothing-stored",
      message: "Nothing is stored of the signed-in person, so there is nothing to delete.",
    });
  }
  return success({
    ...{ expenses, receipts, uploads, connections },
    ...(since !== undefined && { since }),
    ...(erasure && { under_way_since: erasure.begunAt }),
  });
}

function question({ since, under_way_since, ...stored }: Affected): string {
  if (under_way_since !== undefined) {
    return `All of your data here is being deleted since ${under_way_since.slice(0, 10)} (${amountText(stored)}), and it is not finished. Go on with it now? It cannot be undone.`;
  }
  const earliest = since === undefined ? "" : `, the earliest expense of ${since}`;
  return `Delete all of your data here: ${amountText(stored)}${earliest}? It cannot be undone. For a while there are copies that you cannot reach: up to ${backupDays} days in backups of the database, ${restorableDays} days of deleted files. The log keeps for ${logDays} days or longer that you used this server, not what you entered.`;
}

function amountText({ expenses, receipts, uploads, connections }: Omit<Affected, "since">): string {
  const parts = [
    expenses > 0 && counted(expenses, "expense"),
    receipts > 0 && counted(receipts, "receipt"),
    uploads > 0 && `${counted(uploads, "upload")} kept for a day`,
    connections > 0 && `the access of ${counted(connections, "connected client")}`,
  ].filter((part) => part !== false);
  return parts.length > 0 ? new Intl.ListFormat("en").format(parts) : "nothing that is left";
}

function counted(count: number, one: string): string {
  return count === 1 ? `1 ${one}` : `${count} ${one}s`;
}

function remains(now: number, connections: number): { what: string; until: string }[] {
  const inDays = (days: number) =>
    new Date(now + days * dayMilliseconds).toISOString().slice(0, 10);
  return [
    {
      what: "Backups of the database, which nobody can read but by restoring all of it",
      until: `${inDays(backupDays)} at the latest`,
    },
    {
      what: "Deleted receipts and uploads, which only those who run this server could bring back",
      until: inDays(restorableDays),
    },
    {
      what: "Marks that approvals were used, without what was approved",
      until: inDays(restorableDays + 1),
    },
    ...(connections > 0
      ? [{ what: "That clients were connected, without any tokens", until: inDays(1) }]
      : []),
    {
      what: "The log: when you used which tool, never what you entered",
      until: `${inDays(logDays)}, or longer if those who run this server chose so`,
    },
  ];
}
