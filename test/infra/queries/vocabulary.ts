import { auditEventSchema } from "../../../src/core/audit.ts";
import { textOf } from "../source-names.ts";
import type { Vocabulary } from "./check.ts";
import { logTables } from "./log-tables.ts";

/** All that the server's code and Azure Monitor offer to queries. */
export function readVocabulary(): Vocabulary {
  const source = textOf("src");
  const { action, outcome, way, ...others } = auditEventSchema.shape;
  const audited = action.options.map((name) => `audit.${name}`);
  const events = [
    ...audited,
    ...matchesOf(source, /log\(\s*"(?:info|warn|error)",\s*"([\w.-]+)"/g),
    // Named in a table by what they are about.
    ...matchesOf(source, /\b(?:tool|resource|prompt): "([\w-]+\.[\w-]+)"/g),
  ];
  const graphFailures = matchesOf(textOf("src", "api-failure.ts"), /kind: "([\w-]+)"/g);
  const reasons = [
    ...matchesOf(source, /kind: "([\w-]+)"/g),
    ...graphFailures.map((kind) => `graph-${kind}`),
  ];
  return {
    tables: logTables,
    fields: ["event", "invocationId", "outcome", "way", ...Object.keys(others)],
    values: {
      event: events,
      outcome: outcome.options,
      way: way.unwrap().options,
      reason: reasons,
      Message: [...events, ...reasons],
      Name: matchesOf(textOf("functions"), /app\.http\("([\w-]+)"/g),
    },
  };
}

function matchesOf(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map((match) => match[1] ?? "");
}
