import type { Case } from "./cases.ts";
import type { Served } from "./reference.ts";
import { today, yesterday } from "./world.ts";

/** Longer answers are told to their beginning. */
const longestExcerpt = 1_200;

/** The page that shows each request with its calls and answers. */
export function tourOf(cases: readonly Case[], served: ReadonlyMap<string, Served>): string {
  const parts = cases.map((asked, index) => {
    const calls = served.get(asked.ask)?.calls ?? [];
    return [
      `## ${index + 1}. ${asked.ask}`,
      ...(asked.as === "ada" ? ["Ada asks, an administrator."] : []),
      ...(asked.note === undefined ? [] : [asked.note]),
      ...calls.map(({ tool, arguments: given, text }) =>
        [
          "```",
          withoutChance(`${tool} ${shownArguments(given)}`),
          "",
          excerpt(withoutChance(text)),
          "```",
        ].join("\n"),
      ),
    ].join("\n\n");
  });
  return `${[introduction, ...parts].join("\n\n")}\n`;
}

const introduction = `# Tour

What a person asks in a chat, the calls that serve it, and what the model is told: recorded from a running server by
\`test/eval/tour.test.ts\`, which fails when an answer is no longer what stands here
(\`npx vitest run test/eval/tour.test.ts -u\` records it anew, to be read before it is committed). Which calls a model
makes is its own affair: \`npm run eval\` puts the same requests to a real one, where one is configured.

Uma's expenses are made up. It is Wednesday, ${today}; yesterday is ${yesterday}. Words in capitals stand
for what differs from run to run: ids, versions, handles; \`<mark>\` for the delimiters around people's own text.`;

function shownArguments(given: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(given, (_name, value: unknown) =>
    typeof value === "string" && value.length > 100 ? `${value.slice(0, 12)}…` : value,
  );
}

function excerpt(text: string): string {
  return text.length <= longestExcerpt ? text : `${text.slice(0, longestExcerpt)}\n[…]`;
}

/** What chance makes, by what makes it recognisable. */
const chances: readonly (readonly [RegExp, string])[] = [
  [/[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}/g, "ID"],
  [/<(\/?)[a-z\d]{4}>/g, "<$1mark>"],
  [/(["\s])[\w-]{60,99}(?=["\s]|$)/gm, "$1HANDLE"],
  [/\b(version ?"?:?"?)[\w-]{12}(?![\w-])/g, "$1VERSION"],
  [/\b(import_id ?"?:?"?)[\da-f]{10}\b/g, "$1IMPORT"],
  [/\b(receipts\/)[\w-]+/g, "$1RECEIPT"],
];

function withoutChance(text: string): string {
  return chances.reduce((all, [found, shown]) => all.replace(found, shown), text);
}
