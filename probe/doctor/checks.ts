import { markdownTable } from "../shared/report.ts";
import type { Group, Need } from "./check.ts";
import { authority } from "./groups/authority.ts";
import { browsers } from "./groups/browsers.ts";
import { calls } from "./groups/calls.ts";
import { challenge } from "./groups/challenge.ts";
import { connection } from "./groups/connection.ts";
import { metadata } from "./groups/metadata.ts";
import { methods } from "./groups/methods.ts";
import { server } from "./groups/server.ts";
import { token } from "./groups/token.ts";

/** Every check, in the order in which things depend on each other: what others rest on comes first. */
export const groups: readonly Group[] = [
  connection,
  server,
  metadata,
  challenge,
  authority,
  methods,
  browsers,
  token,
  calls,
];

const needed: Readonly<Record<Need, string>> = {
  token: "token",
  origin: "origin",
  call: "token, `--call`",
};

/** Every check as Markdown, in the order in which they run: `--list` prints it, docs/doctor.md has it. */
export function catalogue(): string {
  const rows = groups.flatMap(({ checks }) =>
    checks.map(({ id, title, needs }) => [`\`${id}\``, title, needs ? needed[needs] : ""]),
  );
  return markdownTable([["check", "what holds", "needs"], ...rows]);
}
