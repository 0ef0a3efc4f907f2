import type { Check } from "../check.ts";
import { groups } from "../checks.ts";

const needs: Readonly<Record<Check["needs"], string>> = {
  nothing: "",
  token: "token",
  key: "key",
};

/** Every check with its source, as Markdown: `--list` prints it and docs/authsuite.md holds it. */
export function catalogue(): string {
  return groups
    .map(({ title, checks }) =>
      [
        `### ${title}`,
        "",
        "| check | what holds | source | severity | needs |",
        "|---|---|---|---|---|",
        ...checks.map(rowOf),
      ].join("\n"),
    )
    .join("\n\n");
}

function rowOf(check: Check): string {
  const { id, title, source, severity } = check;
  const wanted = [needs[check.needs], check.entraOnly ? "Entra" : ""].filter(Boolean).join(", ");
  return `| \`${id}\` | ${title} | [${source.name}](${source.url}) | ${severity} | ${wanted} |`;
}
