import { z } from "zod";
import { failure, success } from "../../../../../src/core/result.ts";
import type { ApiClient } from "../../../../../src/downstream/api-client.ts";
import { apiToolFailure } from "../../../../../src/downstream/api-failure.ts";
import { defineTool } from "../../../../../src/mcp/define-tool.ts";
import { singleLine } from "../../../../../src/mcp/fields.ts";
import { everyone } from "../../../../../src/mcp/policy.ts";
import type { DefinedTool } from "../../../../../src/mcp/tool.ts";

const outputSchema = z.object({
  customers: z
    .array(
      z.object({
        number: z.string().describe("The customer's number."),
        name: z.string().describe("The customer's name."),
      }),
    )
    .describe("Those that the signed-in person may see."),
});

/** Customers by name. Policy: everyone; the customer database decides what each may see. */
export function findCustomers(crm: ApiClient): DefinedTool {
  return defineTool({
    name: "find_customers",
    title: "Find customers",
    description: "Finds customers by a part of their name.",
    annotations: { readOnlyHint: true, openWorldHint: false },
    inputSchema: z.strictObject({ name: singleLine(50).describe("A part of the name.") }),
    outputSchema,
    policy: everyone,

    async handler({ name }, { caller, signal }) {
      const query = new URLSearchParams({ name });
      const answer = await crm.get(caller, `/customers?${query}`, { signal });
      if (!answer.ok) return failure(apiToolFailure(crm.api, answer.reason));
      const found = outputSchema.safeParse(answer.value);
      if (!found.success) {
        const reason = { kind: "unexpected-response", got: "schema" } as const;
        return failure(apiToolFailure(crm.api, reason));
      }
      return success(found.data);
    },

    present: ({ customers }) =>
      customers.map(({ number, name }) => `- ${name} (${number})`).join("\n") || "Nobody.",
  });
}
