import { z } from "zod";
import { success } from "../../src/core/result.ts";
import { definePrompt } from "../../src/mcp/define-prompt.ts";
import { singleLine } from "../../src/mcp/fields.ts";
import type { DefinedPrompt } from "../../src/mcp/offer.ts";
import { everyone } from "../../src/mcp/policy.ts";

/** Has a model find days for a vacation. Policy: everyone. */
export function planVacation(): DefinedPrompt {
  return definePrompt({
    name: "plan_vacation",
    title: "Plan a vacation",
    description: "Finds days for a vacation, and requests them once you agree.",
    arguments: z.strictObject({
      days: z
        .string()
        .regex(/^[1-9]\d?$/, "must be a number of working days from 1 to 99")
        .describe("How many working days it takes."),
      wishes: singleLine(200).optional().describe("When or how it should be, in your words."),
    }),
    policy: everyone,
    messages: async ({ days, wishes }) =>
      success((quote) =>
        [
          `Find ${days} working days for a vacation of mine. List what I have requested with list_vacations, propose dates, and request them with request_vacation once I agree.`,
          ...(wishes === undefined ? [] : [`My wishes: ${quote(wishes)}`]),
        ].join("\n"),
      ),
  });
}
