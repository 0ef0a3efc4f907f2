import { CommandError } from "../local/command-line.ts";
import { type NewTool, requirementText } from "./tool-skeleton.ts";

/**
 * The text of a `domain.ts` with one tool more: its import, and its entry in the list that `tools`
 * returns. Order and layout are left to the formatter.
 *
 * @throws {CommandError} where `tools` returns no list that is written out
 */
export function withTool(text: string, file: string, { maker, fileName }: NewTool): string {
  const code = withoutTexts(text);
  const firstImport = /^import\b/m.exec(code)?.index;
  const list = toolList(code);
  if (firstImport === undefined || !list) {
    throw new CommandError(
      `${file} has no list of tools that this command can add to. It looks for defineDomain({ … tools(…) { … return [ … ]; } }) or tools: (…) => [ … ].`,
    );
  }
  const before = code.slice(list.start, list.end).trimEnd();
  const needsComma = before !== "" && !before.endsWith(",");
  const lastEntry = list.start + before.length;
  return [
    text.slice(0, firstImport),
    `import { ${maker} } from "./${fileName}.ts";\n`,
    text.slice(firstImport, lastEntry),
    needsComma ? "," : "",
    text.slice(lastEntry, list.end),
    `${/\n\s*$/.test(text.slice(lastEntry, list.end)) ? "" : "\n"}${maker}(),\n`,
    text.slice(list.end),
  ].join("");
}

/** Where people read what a tool is for. */
const source = '"docs/tools.md": {\n';

/**
 * The text of a list of requirements with the tool's among them.
 *
 * @throws {CommandError} where the list's end is not found
 */
export function withRequirement(text: string, file: string, tool: NewTool): string {
  const entry = requirementText(tool);
  if (text.includes(source)) return text.replace(source, () => `${source}${entry}`);
  const end = text.lastIndexOf("} satisfies Requirements;");
  if (end < 0) {
    throw new CommandError(
      `${file} has no list of requirements that ends in: } satisfies Requirements;`,
    );
  }
  return `${text.slice(0, end)}${source}${entry}},\n${text.slice(end)}`;
}

/** The code with blanks in the place of texts and comments, whose brackets mean nothing. */
function withoutTexts(text: string): string {
  return text.replace(
    /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (match) => match.replace(/[^\n]/g, " "),
  );
}

/** Where the entries of the list are that the member `tools` of the domain returns. */
function toolList(code: string): { start: number; end: number } | undefined {
  const domain = code.search(/\bdefineDomain\(/);
  const member = domain < 0 ? -1 : code.slice(domain).search(/[{,]\s*tools\s*[(:]/);
  if (member < 0) return undefined;
  const start = domain + member + 1;
  const body = code.slice(start, endOf(code, start));
  const opening = [...body.matchAll(/\breturn\s*\[/g)].at(-1) ?? /=>\s*\[/.exec(body);
  if (!opening) return undefined;
  const first = start + opening.index + opening[0].length;
  return { start: first, end: endOf(code, first, false) };
}

/** Where what begins at `start` ends: at a bracket that closes what is around it, or at a comma. */
function endOf(code: string, start: number, atComma = true): number {
  let depth = 0;
  for (let index = start; index < code.length; index += 1) {
    const character = code.charAt(index);
    if ("([{".includes(character)) depth += 1;
    else if (")]}".includes(character)) depth -= 1;
    if (depth < 0 || (atComma && depth === 0 && character === ",")) return index;
  }
  return code.length;
}
