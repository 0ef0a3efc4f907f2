import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type ListedOffer, listedOffers } from "../../scripts/describe-domain.ts";
import { success } from "../../src/core/result.ts";
import { definePrompt } from "../../src/mcp/define-prompt.ts";
import { everyone } from "../../src/mcp/policy.ts";
import { verifies } from "../requirements.ts";
import { testedDomains } from "../support/domains.ts";
import { offerLacks } from "./offer-evidence.ts";
import { readEvidence, type ToolEvidence } from "./tool-evidence.ts";

it.each(testedDomains)(
  verifies("offers.complete", "the resources and prompts of $name have all that belongs to one"),
  async ({ domain, folder }) => {
    const evidence = await readEvidence(folder);
    const offers = listedOffers(domain);
    const incomplete = offers.flatMap((offer) => {
      const lacks = offerLacks(offer, evidence);
      return lacks.length === 0 ? [] : [`${offer.id} lacks`, ...lacks.map((what) => `- ${what}`)];
    });
    expect(incomplete.join("\n")).toBe("");
    expect(offers.length).toBeGreaterThan(0);
  },
);

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
