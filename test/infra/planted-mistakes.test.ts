import { describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { checkInfrastructure } from "./bicep/check.ts";
import { describeFinding, type Finding, findingKinds } from "./bicep/finding.ts";
import { type Files, readFiles } from "./bicep/project.ts";
import { type Edit, plantedMistakes } from "./planted-mistakes.ts";
import { sourceNames } from "./source-names.ts";

const files = await readFiles();
/** What the templates have to do with by themselves does not count as found. */
const before = new Set(checkInfrastructure(files, sourceNames).map(withoutLine));

function withoutLine({ kind, file, subject, message }: Finding): string {
  return JSON.stringify([kind, file, subject, message]);
}

function edited(edits: readonly Edit[]): Files {
  const state = new Map(files);
  for (const { file, find, replace } of edits) {
    const parts = (state.get(file) ?? "").split(find);
    if (parts.length !== 2) {
      throw new Error(`${file} has ${parts.length - 1} places instead of one: ${find}`);
    }
    state.set(file, parts.join(replace));
  }
  return state;
}

/** In an order that does not depend on that of the checks. */
function sorted(findings: readonly object[]): string[] {
  return findings.map((finding) => JSON.stringify(finding)).toSorted();
}

describe("a mistake in the templates", () => {
  it.each(plantedMistakes.map((planted) => [planted.mistake, planted] as const))(
    verifies("infrastructure.checks-bite", "%s is found"),
    (_mistake, { edits, found }) => {
      const state = edited(edits);
      const findings = checkInfrastructure(state, sourceNames).filter(
        (finding) => !before.has(withoutLine(finding)),
      );
      const seen = findings.map(({ kind, file, subject, line }) => {
        const text = state.get(file)?.split("\n")[line - 1] ?? "";
        const wanted = found.find(
          (each) =>
            each.kind === kind &&
            each.subject === subject &&
            (each.file ?? edits[0]?.file) === file &&
            text.includes(each.at),
        );
        return wanted ?? { kind, subject, file, at: text };
      });
      expect(sorted(seen), findings.map(describeFinding).join("\n")).toEqual(sorted(found));
    },
  );

  it(
    verifies("infrastructure.checks-bite", "stands in the table for every kind of finding"),
    () => {
      const planted = new Set(
        plantedMistakes.flatMap(({ found }) => found.map(({ kind }) => kind)),
      );
      expect(findingKinds.filter((kind) => !planted.has(kind))).toEqual([]);
    },
  );
});
