import type { Need } from "../check.ts";
import { groups } from "../checks.ts";

const needed: Readonly<Record<Need, string>> = {
  token: "token",
  origin: "origin",
  call: "token, `--call`",
};

/** Every check as Markdown, in the order in which they run, as docs/doctor.md has it. */
export function catalogue(): string {
  const rows = groups.flatMap(({ checks }) =>
    checks.map(
      ({ id, title, needs }) => `| \`${id}\` | ${title} | ${needs ? needed[needs] : ""} |`,
    ),
  );
  return ["| check | what holds | needs |", "|---|---|---|", ...rows].join("\n");
}
