import {
  conceal,
  effortOf,
  jsonReportOf,
  type Paint,
  painter,
  plain,
  type TextOptions,
} from "../shared/report.ts";
import type { Outcome } from "./check.ts";
import {
  findingsOf,
  type NamedFinding,
  type Report,
  type Summary,
  summarise,
} from "./examination.ts";
import { type Explanation, exitCodeOfExplanations, type Place } from "./explain.ts";

const width = 100;

const marks = {
  ok: ["ok  ", "green"],
  finding: ["FAIL", "red"],
  note: ["note", "cyan"],
  "not-looked-at": ["skip", "dim"],
  "not-applicable": ["n/a ", "dim"],
  undecided: ["??? ", "yellow"],
} as const satisfies Record<Outcome["kind"], readonly [string, string]>;

/** A report for people: what to fix, the first thing first, then everything that was looked at. */
export function textReport(report: Report, { colour, secrets = [] }: TextOptions): string {
  const paint = painter(colour);
  const findings = findingsOf(report);
  const summary = summarise(report);
  const lines = [paint("bold", `The doctor's report on ${report.target}`), ""];
  const [first, ...others] = findings;
  if (first) {
    lines.push(paint("red", "Fix this first"), ...findingLines(first, paint));
    if (others.length > 0) {
      lines.push("", paint("red", "Then, if it is still there"));
      for (const other of others) lines.push(...findingLines(other, paint));
    }
  } else {
    lines.push(
      summary.undecided > 0
        ? paint("yellow", "Nothing found, but not everything could be judged.")
        : paint("green", "Nothing is wrong."),
    );
  }
  for (const { group, results } of report.groups) {
    lines.push("", paint("bold", group.title));
    for (const { kind, ids, words } of linesOf(results)) {
      const [mark, style] = marks[kind];
      const [id = "", ...more] = ids;
      const name = more.length > 0 ? `${id} and ${more.length} more` : id;
      lines.push(`  ${paint(style, mark)} ${name.padEnd(nameWidth)} ${plain(words)}`);
    }
  }
  const style = first ? "red" : summary.undecided > 0 ? "yellow" : "green";
  lines.push("", paint(style, `${summaryLine(summary)} ${effortOf(report)}`));
  return conceal(lines.join("\n"), secrets);
}

const nameWidth = 31;

interface Line {
  readonly kind: Outcome["kind"];
  /** Consecutive checks with the same words share a line. */
  readonly ids: readonly string[];
  readonly words: string;
}

function linesOf(results: Report["groups"][number]["results"]): readonly Line[] {
  const lines: Line[] = [];
  for (const { check, outcome } of results) {
    const { kind } = outcome;
    const words = wordsOf(outcome);
    const last = lines.at(-1);
    if (last?.kind === kind && last.words === words) {
      lines[lines.length - 1] = { ...last, ids: [...last.ids, check.id] };
    } else {
      lines.push({ kind, ids: [check.id], words });
    }
  }
  return lines;
}

function findingLines(finding: NamedFinding, paint: Paint): string[] {
  return [
    `  ${paint("bold", finding.id)}`,
    ...field("what", finding.what),
    ...field("evidence", finding.evidence),
    ...field("cause", finding.cause),
    ...field("remedy", finding.remedy),
  ];
}

/** The words of a check's line; a finding's details stand above. */
function wordsOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case "ok":
    case "note":
      return outcome.evidence;
    case "finding":
      return outcome.what;
    case "not-looked-at":
      return `not looked at: ${outcome.because} comes first`;
    case "not-applicable":
    case "undecided":
      return outcome.why;
  }
}

function summaryLine(summary: Summary): string {
  const findings = `${summary.findings} ${summary.findings === 1 ? "finding" : "findings"}`;
  const counts = [
    findings,
    `${summary.ok + summary.notes} well`,
    `${summary.notLookedAt} not looked at`,
    `${summary.notApplicable} not applicable`,
    ...(summary.undecided > 0 ? [`${summary.undecided} could not be judged`] : []),
  ];
  return counts.join(", ");
}

const places: Readonly<Record<Place, string>> = {
  "sign-in": "At sign-in, in the client",
  "on-behalf-of": "In the server's log, when it acts on somebody's behalf",
};

/** What error codes mean, for people. */
export function textExplanations(
  explanations: readonly Explanation[],
  { colour }: TextOptions,
): string {
  const paint = painter(colour);
  return explanations
    .map(({ code, meanings, reference }) => {
      const told = meanings.flatMap(({ place, meaning, remedy }, index) => {
        const heading = `  ${paint("bold", places[place])}`;
        // What means the same in both places is told once, below both.
        const isTold = meanings[index + 1]?.meaning === meaning;
        return isTold
          ? [heading]
          : [heading, ...field("meaning", meaning), ...field("remedy", remedy)];
      });
      const unknown = ["  Not known here. Entra's own page may know it."];
      const lines = told.length > 0 ? told : unknown;
      return [paint("bold", code), ...lines, `  ${reference}`].join("\n");
    })
    .join("\n\n");
}

/** A name and what belongs to it, wrapped beside it. */
function field(name: string, text: string): string[] {
  const indent = 14;
  const lines: string[] = [];
  let line = "";
  for (const word of plain(text).split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width - indent) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines.map(
    (wrapped, index) => `    ${(index === 0 ? name : "").padEnd(indent - 4)}${wrapped}`,
  );
}

/** A report for programs, of the shape that docs/doctor.md describes. */
export function jsonReport(report: Report, secrets: readonly string[] = []): string {
  const first = findingsOf(report)[0]?.id ?? null;
  return jsonReportOf(report, { first, summary: summarise(report) }, () => ({}), secrets);
}

export function jsonExplanations(explanations: readonly Explanation[]): string {
  const exitCode = exitCodeOfExplanations(explanations);
  return JSON.stringify({ exitCode, explanations }, null, 2);
}
