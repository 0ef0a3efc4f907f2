import { z } from "zod";
import { type Failure, failure, success } from "../../src/core/result.ts";
import { defineTool } from "../../src/mcp/define-tool.ts";
import { calendarDate } from "../../src/mcp/fields.ts";
import type { DefinedTool, ToolFailure } from "../../src/mcp/tool.ts";
import { storeToolFailure, type VacationStore } from "./store.ts";
import { vacation, vacationLine } from "./vacation.ts";

/** Cancels one of one's own vacations. Policy: everyone, each call with approval. */
export function cancelVacation(store: VacationStore): DefinedTool {
  return defineTool({
    name: "cancel_vacation",
    title: "Cancel a vacation",
    description:
      "Cancels one of the signed-in person's own vacations. Asks first: the client asks the person, or else the first call cancels nothing and answers what would be cancelled, to show to the person, and a confirmation for the second call.",
    annotations: {
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: true,
      openWorldHint: false,
    },
    inputSchema: z.strictObject({
      first_day: calendarDate.describe("The vacation's first day, as list_vacations shows it."),
    }),
    outputSchema: z.object({ vacation: vacation.describe("What was cancelled.") }),
    policy: {
      approval: {
        affectedSchema: z.object({ vacation: vacation.describe("What would be cancelled.") }),
        async affected({ first_day }, { caller, signal, log }) {
          const found = await store.find(caller.objectId, first_day, signal);
          if (!found.ok) return storeToolFailure(found.reason, log);
          return found.value ? success({ vacation: found.value }) : noSuchVacation;
        },
        question: (affected, quote) =>
          `Cancel this vacation?\n${vacationLine(affected.vacation, quote)}`,
      },
    },

    /** Cancels what the person has agreed to, and nothing that has taken its place since. */
    async handler(_input, { caller, signal, log }, approved) {
      const cancelled = await store.cancel(caller.objectId, approved.vacation, signal);
      if (!cancelled.ok) return storeToolFailure(cancelled.reason, log);
      return cancelled.value ? success(approved) : noSuchVacation;
    },

    ifUnknown:
      "Look with list_vacations whether the vacation is still there. If it is, call cancel_vacation again without confirmation.",

    freeText: ["note"],
    present: (output, quote) => `Cancelled: ${vacationLine(output.vacation, quote)}`,
  });
}

/** Also where it is somebody else's: nobody learns what others have. */
const noSuchVacation: Failure<ToolFailure> = failure({
  reason: "no-such-vacation",
  message: "You have no such vacation. list_vacations shows those there are.",
});
