import type { ListedOffer } from "../../scripts/describe-domain.ts";
import type { ToolEvidence } from "./tool-evidence.ts";

/**
 * What a resource, a template or a prompt still lacks, each with how to add it; nothing where it is
 * complete.
 */
export function offerLacks(
  { kind, id, listing }: ListedOffer,
  { places, requirements, citedIds, offersInSnapshot, page }: ToolEvidence,
): string[] {
  const naming = requirements.filter(({ what }) => what.includes(`\`${id}\``));
  const ids = naming.map((requirement) => requirement.id);
  const promptArguments = "arguments" in listing ? listing.arguments : [];
  const undescribed = promptArguments.filter(({ description }) => description === "");
  const lacks: [boolean, string][] = [
    [
      ids.length === 0,
      `a requirement: add one to ${places.requirements} that names \`${id}\` in backticks`,
    ],
    [
      !ids.some((named) => citedIds.has(named)),
      `a test: title one verifies("${ids[0] ?? "its.requirement"}", …) in a test in ${places.tests}`,
    ],
    [
      !offersInSnapshot.includes(id),
      `an entry in ${places.offersSnapshot}: npx vitest run test/domain -u`,
    ],
    ...undescribed.map(({ name }): [boolean, string] => [
      true,
      `a description of the argument ${name}: add .describe("…") to its schema`,
    ]),
    [
      places.isServed && !page.includes(`\n| ${kind === "prompt" ? "prompt " : ""}\`${id}\` |`),
      "a row in docs/tools.md: npm run build",
    ],
  ];
  return lacks.filter(([isMissing]) => isMissing).map(([, what]) => what);
}
