import { z } from "zod";
import { type Failure, failure, success } from "../../src/core/result.ts";
import { defineTool } from "../../src/mcp/define-tool.ts";
import { everyone } from "../../src/mcp/policy.ts";
import type { DefinedTool, ToolFailure } from "../../src/mcp/tool.ts";
import { unreadableText } from "../../src/storage/failure.ts";
import { storeToolFailure, type VacationStore } from "./store.ts";
import {
  daysLeft,
  isSame,
  overlaps,
  type Vacation,
  vacation,
  vacationLine,
  vacationOf,
  vacationRequest,
  yearOf,
} from "./vacation.ts";

/** Requests a vacation. Policy: everyone, each for themselves. */
export function requestVacation(store: VacationStore, daysPerYear: number): DefinedTool {
  return defineTool({
    name: "request_vacation",
    title: "Request a vacation",
    description: `Requests a vacation for the signed-in person, who has ${daysPerYear} working days in a calendar year. Repeating a request unchanged stores nothing new and gives the same answer.`,
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
    inputSchema: vacationRequest,
    outputSchema: z.object({
      vacation: vacation.describe("What is requested now."),
      days_left: z.int().describe("Working days that are left of that year after it."),
    }),
    policy: everyone,

    async handler(input, { caller, signal, log }) {
      const wanted = vacationOf(input);
      const listed = await store.list(caller.objectId, yearOf(wanted), signal);
      if (!listed.ok) return storeToolFailure(listed.reason, log);
      const { items, unreadable } = listed.value;
      if (unreadable.length > 0) {
        const message = `Nothing was requested: ${unreadableText(unreadable, "vacation")}`;
        return failure({ reason: "unreadable", message });
      }
      const others = items.filter((other) => !isSame(other, wanted));
      const taken = others.find((other) => overlaps(other, wanted));
      if (taken) return overlapFailure(taken);
      const before = daysLeft(daysPerYear, others);
      const left = before - wanted.working_days;
      if (left < 0) {
        return failure({
          reason: "too-many-days",
          message: `Nothing was requested: this takes ${wanted.working_days} working days, and ${before} of ${daysPerYear} are left in ${yearOf(wanted)}. Choose fewer days.`,
        });
      }
      // Two requests at the same moment can both get here. Whoever decides about them sees both.
      const stored = await store.add(caller.objectId, wanted, signal);
      if (!stored.ok) return storeToolFailure(stored.reason, log);
      if (!isSame(stored.value, wanted)) return overlapFailure(stored.value);
      return success({ vacation: stored.value, days_left: left });
    },

    ifUnknown: "Repeat the call unchanged: a vacation is stored once.",

    freeText: ["note"],
    present: (output, quote) =>
      `Requested: ${vacationLine(output.vacation, quote)}. Working days left of that year: ${output.days_left}.`,
  });
}

function overlapFailure(taken: Vacation): Failure<ToolFailure> {
  return failure({
    reason: "overlaps",
    message: (quote) =>
      `Nothing was requested: there is a vacation on some of these days already. Choose other days, or cancel it first with cancel_vacation. Already requested: ${vacationLine(taken, quote)}`,
  });
}
