import { z } from "zod";
import { success } from "../../src/core/result.ts";
import { defineTool } from "../../src/mcp/define-tool.ts";
import { everyone } from "../../src/mcp/policy.ts";
import type { DefinedTool } from "../../src/mcp/tool.ts";
import { unreadableText } from "../../src/storage/failure.ts";
import { storeToolFailure, type VacationStore } from "./store.ts";
import { daysLeft, vacation, vacationLine } from "./vacation.ts";

/** Lists one's own vacations of a year: too few to need pages. Policy: everyone. */
export function listVacations(store: VacationStore, daysPerYear: number): DefinedTool {
  return defineTool({
    name: "list_vacations",
    title: "List vacations",
    description:
      "Lists the vacations that the signed-in person has requested in a calendar year, earliest first, and how many working days are left of it.",
    annotations: { readOnlyHint: true, openWorldHint: false },
    inputSchema: z.strictObject({
      year: z
        .int()
        .min(2000, "must be a year from 2000 on")
        .max(2099, "must be a year up to 2099")
        .describe("The calendar year, such as 2026."),
    }),
    outputSchema: z.object({
      vacations: z.array(vacation).describe("Earliest first."),
      unreadable: z
        .array(z.string())
        .optional()
        .describe("Only where there are any: ids of stored vacations that cannot be read."),
      days_left: z.int().describe("Working days that are left of the year."),
    }),
    policy: everyone,

    async handler({ year }, { caller, signal, log }) {
      const listed = await store.list(caller.objectId, year, signal);
      if (!listed.ok) return storeToolFailure(listed.reason, log);
      const vacations = [...listed.value.items];
      const unreadable = [...listed.value.unreadable];
      const days_left = daysLeft(daysPerYear, vacations);
      return success({ vacations, ...(unreadable.length > 0 && { unreadable }), days_left });
    },

    freeText: ["note"],
    present({ vacations, unreadable = [], days_left }, quote) {
      const lines = vacations.map((listed) => `- ${vacationLine(listed, quote)}`);
      if (unreadable.length > 0) lines.push(`- ${unreadableText(unreadable, "vacation")}`);
      return [
        ...(lines.length > 0 ? lines : ["No vacations."]),
        `Working days left: ${days_left}.`,
      ].join("\n");
    },
  });
}
