import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import type { Edit } from "../bicep/workspace.ts";

function read<T>(name: string, schema: z.ZodType<T>): T {
  return schema.parse(parse(readFileSync(join(import.meta.dirname, name), "utf8")));
}

/** What a build without a warning proves, beside `infrastructure.compiles`. */
export const languageRequirements = [
  "infrastructure.syntax",
  "infrastructure.symbols",
  "infrastructure.deployment-time",
  "infrastructure.used",
  "infrastructure.modules",
  "infrastructure.resources",
  "infrastructure.secrets",
] as const;

/** A mistake in a template, and all that the compiler and its linter say about it. */
export interface CompilerMistake extends Edit {
  readonly mistake: string;
  /** Codes and rules, each with a text on its line of that file. */
  readonly found: readonly (readonly [code: string, text: string])[];
}

const templateEdit = z.strictObject({
  in: z.string(),
  find: z.string(),
  replace: z.string(),
  says: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
});

/** By the requirement that the compiler proves with them, in part or as a whole. */
export const compilerMistakes = Object.entries(
  read(
    "templates.yaml",
    z.record(z.enum(languageRequirements), z.record(z.string(), templateEdit)),
  ),
).map(([requirement, mistakes]) => ({
  requirement: requirement as (typeof languageRequirements)[number],
  mistakes: Object.entries(mistakes).map(([mistake, { in: file, find, replace, says }]) => {
    const found = Object.entries(says).flatMap(([code, texts]) =>
      [texts].flat().map((text) => [code, text] as const),
    );
    return { mistake, file, find, replace, found } satisfies CompilerMistake;
  }),
}));
