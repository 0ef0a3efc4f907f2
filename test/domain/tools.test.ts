import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type ListedOffer, listedOffers, listedTools } from "../../scripts/describe-domain.ts";
import { success } from "../../src/core/result.ts";
import { definePrompt } from "../../src/mcp/define-prompt.ts";
import { defineTool } from "../../src/mcp/define-tool.ts";
import { everyone } from "../../src/mcp/policy.ts";
import { verifies } from "../requirements.ts";
import { testedDomains } from "../support/domains.ts";
import { lacksOf, offerLacks, readEvidence, type ToolEvidence } from "./tool-evidence.ts";

it.each(testedDomains)(
  verifies(
    ["tools.complete", "offers.complete"],
    "the tools, resources and prompts of $name have all that belongs to one",
  ),
  async ({ domain, folder }) => {
    const evidence = await readEvidence(folder);
    const tools = listedTools(domain).map((tool) => [tool.name, lacksOf(tool, evidence)] as const);
    const offers = listedOffers(domain).map(
      (offer) => [offer.id, offerLacks(offer, evidence)] as const,
    );
    const incomplete = [...tools, ...offers].flatMap(([name, lacks]) =>
      lacks.length === 0 ? [] : [`${name} lacks`, ...lacks.map((what) => `- ${what}`)],
    );
    expect(incomplete.join("\n")).toBe("");
    expect([tools.length, offers.length]).not.toContain(0);
  },
);

const nothing: ToolEvidence = {
  places: {
    folder: "src/expenses",
    tests: "test/expenses",
    requirements: "test/requirements/expenses.ts",
    snapshot: "test/expenses/tools.snapshot.json",
    offersSnapshot: "test/expenses/offers.snapshot.json",
    isServed: true,
  },
  requirements: [],
  citedIds: new Set<string>(),
  inSnapshot: [],
  offersInSnapshot: [],
  page: "",
};

describe("what a tool lacks", () => {
  /** A tool as somebody leaves it who knows of nothing but the code. */
  const bare = defineTool({
    name: "get_largest_expense",
    title: "Largest expense",
    description: "Tells the largest expense.",
    annotations: {},
    inputSchema: z.strictObject({
      range: z.strictObject({ from: z.string() }).describe("Which days to look at."),
    }),
    outputSchema: z.object({
      expenses: z.array(z.object({ id: z.string().describe("Names it."), note: z.string() })),
    }),
    policy: everyone,
    handler: async () => success({ expenses: [] }),
    present: () => "There is none.",
  });

  it(verifies("tools.complete", "is named, each with how to add it"), () => {
    expect(lacksOf(bare, nothing)).toEqual([
      "a requirement: add one to test/requirements/expenses.ts that names `get_largest_expense` in backticks",
      'a test: title one verifies("its.requirement", …), for example in test/expenses/get-largest-expense.test.ts',
      "an entry in test/expenses/tools.snapshot.json: npx vitest run test/domain -u",
      "the annotation readOnlyHint: say true or false in `annotations`",
      "the annotation destructiveHint: say true or false in `annotations`",
      "the annotation idempotentHint: say true or false in `annotations`",
      "the annotation openWorldHint: say true or false in `annotations`",
      'a description of input.range.from: add .describe("…") to its schema',
      'a description of output.expenses: add .describe("…") to its schema',
      'a description of output.expenses[].note: add .describe("…") to its schema',
      "a row in docs/tools.md: npm run build",
    ]);
  });

  it(
    verifies("tools.complete", "is no requirement of another tool, and none without a test"),
    () => {
      const requirement = { what: "`get_largest_expense` tells it.", source: "docs/tools.md" };
      const lacking = (id: string, what: string, cited: string) =>
        lacksOf(bare, {
          ...nothing,
          requirements: [{ ...requirement, id, what }],
          citedIds: new Set([cited]),
        }).filter((lack) => /^a (?:requirement|test)/.test(lack));
      const { what } = requirement;
      expect(lacking("tools.largest", what, "tools.largest")).toEqual([]);
      expect(lacking("tools.largest", what, "tools.other")).toEqual([
        'a test: title one verifies("tools.largest", …), for example in test/expenses/get-largest-expense.test.ts',
      ]);
      expect(
        lacking("tools.largest", "`get_largest_expenses` does.", "tools.largest"),
      ).toHaveLength(2);
    },
  );
});

describe("what a prompt lacks", () => {
  const { name, listing, policy } = definePrompt({
    name: "monthly_report",
    title: "Monthly report",
    description: "Reports a month.",
    arguments: z.strictObject({ month: z.string() }),
    policy: everyone,
    messages: async () => success("Report."),
  });
  const bare: ListedOffer = { kind: "prompt", id: name, listing, policy };

  it(verifies("offers.complete", "is named, each with how to add it"), () => {
    expect(offerLacks(bare, nothing)).toEqual([
      "a requirement: add one to test/requirements/expenses.ts that names `monthly_report` in backticks",
      'a test: title one verifies("its.requirement", …) in a test in test/expenses',
      "an entry in test/expenses/offers.snapshot.json: npx vitest run test/domain -u",
      'a description of the argument month: add .describe("…") to its schema',
      "a row in docs/tools.md: npm run build",
    ]);
    const complete: ToolEvidence = {
      ...nothing,
      requirements: [{ id: "prompts.report", what: "`monthly_report` reports.", source: "" }],
      citedIds: new Set(["prompts.report"]),
      offersInSnapshot: ["monthly_report"],
      page: "\n| prompt `monthly_report` | everyone |",
    };
    expect(offerLacks({ ...bare, listing: { ...listing, arguments: [] } }, complete)).toEqual([]);
  });
});
