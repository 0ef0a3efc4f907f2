import { fileURLToPath } from "node:url";
import { Language, type Node, Parser, type Tree } from "web-tree-sitter";
import { convertTemplate } from "./convert.ts";
import type { Finding } from "./finding.ts";
import type { Template } from "./syntax.ts";

await Parser.init();
const parser = new Parser();
parser.setLanguage(
  await Language.load(
    fileURLToPath(import.meta.resolve("tree-sitter-bicep/tree-sitter-bicep.wasm")),
  ),
);

export interface ParsedTemplate {
  readonly template: Template;
  readonly findings: readonly Finding[];
}

/**
 * Reads one template. `extension` lines, which the grammar does not know, are read apart and
 * blanked, so that all other places stay where they are.
 *
 * @param file from the repository's root, with forward slashes
 */
export function parseTemplate(file: string, text: string): ParsedTemplate {
  const extensions: { name: string; line: number }[] = [];
  const findings: Finding[] = [];
  const report = (line: number, message: string) => {
    findings.push({ kind: "syntax", file, line, subject: file, message });
  };
  const blanked = text
    .split("\n")
    .map((content, index) => {
      if (!/^\s*extension\b/.test(content)) return content;
      const extension = /^extension\s+([A-Za-z]\w*)(?:\s+as\s+([A-Za-z]\w*))?\s*$/.exec(content);
      const name = extension?.[2] ?? extension?.[1];
      if (name === undefined)
        report(index + 1, "an extension line is not of the form that is read");
      else extensions.push({ name, line: index + 1 });
      return " ".repeat(content.length);
    })
    .join("\n");

  const trees: Tree[] = [];
  const read = (content: string): Node => {
    const tree = parser.parse(content);
    if (tree === null) throw new Error(`${file}: the parser was stopped`);
    trees.push(tree);
    return tree.rootNode;
  };
  const readAgain = (expression: string, row: number) =>
    read(`${"\n".repeat(row)}var it = ${expression}`).descendantsOfType("variable_declaration")[0]
      ?.namedChildren[1];
  try {
    const root = read(blanked);
    for (const node of brokenNodes(root)) {
      report(
        node.startPosition.row + 1,
        node.isMissing
          ? `${node.type} is missing`
          : `not understood: ${JSON.stringify(node.text.slice(0, 60))}`,
      );
    }
    // A broken tree has no dependable meaning.
    const converted =
      findings.length > 0
        ? { targetScope: "resourceGroup", declarations: [] }
        : convertTemplate(root, report, readAgain);
    return { template: { file, extensions, ...converted }, findings };
  } finally {
    for (const tree of trees) tree.delete();
  }
}

function brokenNodes(node: Node): Node[] {
  if (!node.hasError && !node.isMissing) return [];
  if (node.isError || node.isMissing) return [node];
  return node.children.flatMap((child) => brokenNodes(child));
}
