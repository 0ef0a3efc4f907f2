import { posix } from "node:path";
import type { DomainPlaces } from "./domain-places.ts";

/** A tool that is to be written, by its names. */
export interface NewTool {
  /** As models know it: `get_largest_expense`. */
  readonly name: string;
  /** As people read it: `Largest expense`. */
  readonly title: string;
  /** Of the function that makes it: `getLargestExpense`. */
  readonly maker: string;
  /** Of its files, without the ending: `get-largest-expense`. */
  readonly fileName: string;
  /** Of what it promises: `tools.get-largest-expense`. */
  readonly requirementId: string;
}

export function namesOf(name: string, title?: string): NewTool {
  const words = name.split("_");
  const spoken = words.join(" ");
  const fileName = words.join("-");
  return {
    name,
    title: title ?? `${spoken.charAt(0).toUpperCase()}${spoken.slice(1)}`,
    maker: name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase()),
    fileName,
    requirementId: `tools.${fileName}`,
  };
}

/** A tool that works, to be rewritten: it gives back the text that it is given. */
export function toolText({ name, title, maker }: NewTool, { folder }: DomainPlaces): string {
  const from = (path: string) => `"${importPath(folder, path)}"`;
  return `import { z } from "zod";
import { success } from ${from("src/core/result.ts")};
import { defineTool } from ${from("src/mcp/define-tool.ts")};
import { singleLine } from ${from("src/mcp/fields.ts")};
import { everyone } from ${from("src/mcp/policy.ts")};
import type { DefinedTool } from ${from("src/mcp/tool.ts")};

const inputSchema = z.strictObject({
  text: singleLine(100).describe("Any text of one line."),
});

const outputSchema = z.object({
  text: z.string().describe("The same text."),
});

/** Gives back the text that it is given. Policy: everyone. */
export function ${maker}(): DefinedTool {
  return defineTool({
    name: "${name}",
    title: ${JSON.stringify(title)},
    description: "Gives back the text that it is given.",
    annotations: { readOnlyHint: true, openWorldHint: false },
    inputSchema,
    outputSchema,
    policy: everyone,

    async handler({ text }) {
      return success({ text });
    },

    present: ({ text }) => text,
  });
}
`;
}

/** A test that calls the tool. */
export function testText(tool: NewTool, { folder, tests }: DomainPlaces): string {
  const { name, maker, fileName, requirementId } = tool;
  const from = (path: string) => `"${importPath(tests, path)}"`;
  return `import { describe, expect, it } from "vitest";
import { ${maker} } from ${from(`${folder}/${fileName}.ts`)};
import { verifies } from ${from("test/requirements.ts")};
import { callTool } from ${from("test/support/call-tool.ts")};
import { textOf } from ${from("test/support/clients.ts")};

describe("${name}", () => {
  it(verifies("${requirementId}", "gives back the text that it is given"), async () => {
    const result = await callTool(${maker}(), { text: "Lunch" });
    expect(result.structuredContent).toEqual({ text: "Lunch" });
    expect(textOf(result)).toBe("Lunch");
  });

  it(verifies("${requirementId}", "says what to correct of its input"), async () => {
    const result = await callTool(${maker}(), { text: "" });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain("text: must not be empty");
  });
});
`;
}

/** An entry for the domain's list of requirements. */
export function requirementText({ name, requirementId }: NewTool): string {
  return `"${requirementId}": "\`${name}\` gives back the text that it is given.",\n`;
}

/** How a file in `folder` imports the file at `path`, both from the project's folder. */
export function importPath(folder: string, path: string): string {
  const relative = posix.relative(folder, path);
  return relative.startsWith(".") ? relative : `./${relative}`;
}
