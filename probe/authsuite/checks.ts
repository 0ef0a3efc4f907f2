import { markdownTable } from "../shared/report.ts";
import { type Check, type Group, sourceOf } from "./check.ts";
import { afterwards } from "./groups/afterwards.ts";
import { alteredTokens } from "./groups/altered-tokens.ts";
import { caching } from "./groups/caching.ts";
import { challenge } from "./groups/challenge.ts";
import { credentials } from "./groups/credentials.ts";
import { forgedTokens } from "./groups/forged-tokens.ts";
import { host } from "./groups/host.ts";
import { limits } from "./groups/limits.ts";
import { metadata } from "./groups/metadata.ts";
import { methods } from "./groups/methods.ts";
import { origin } from "./groups/origin.ts";
import { scope } from "./groups/scope.ts";
import { signedTokens } from "./groups/signed-tokens.ts";

/**
 * Every check, in the order in which the groups run: what looks at all that was sent and answered
 * comes last.
 */
export const groups: readonly Group[] = [
  metadata,
  challenge,
  credentials,
  forgedTokens,
  alteredTokens,
  signedTokens,
  scope,
  methods,
  origin,
  host,
  caching,
  limits,
  afterwards,
];

/** Every check with its source, as Markdown: `--list` prints it and docs/authsuite.md holds it. */
export function catalogue(): string {
  const head = ["check", "what holds", "source", "severity", "needs"];
  return groups
    .map(({ title, checks }) => `### ${title}\n\n${markdownTable([head, ...checks.map(rowOf)])}`)
    .join("\n\n");
}

function rowOf(check: Check): readonly string[] {
  const { severity, source } = sourceOf(check);
  const needs = [check.needs, check.entraOnly ? "Entra" : undefined].filter(Boolean).join(", ");
  return [`\`${check.id}\``, check.title, `[${source.name}](${source.url})`, severity, needs];
}
