import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { Bicep, currentCompiler, oldestCompiler, root, withoutCompiler } from "./bicep/compiler.ts";
import type { JsonObject } from "./bicep/json.ts";
import { mainTemplate, readTemplateFiles, Workspace } from "./bicep/workspace.ts";
import { compilerMistakes, languageRequirements } from "./planted/mistakes.ts";

const provedByTheCompiler = ["infrastructure.compiles", ...languageRequirements] as const;
/** On a busy machine, Azure's types take long to load. */
const timeout = 120_000;

it(
  verifies(
    "infrastructure.compiles",
    "the Graph extension at hand is the one that is deployed with",
  ),
  async () => {
    const read = async (...path: string[]) =>
      JSON.parse(await readFile(join(root, ...path), "utf8"));
    const { extensions } = await read("infra", "bicepconfig.json");
    const { settings } = await read("test", "infra", "bicep", "graph-extension", "index.json");
    expect(extensions.microsoftGraphV1).toMatch(/\/microsoftgraph\/v1\.0:[\d.]+$/);
    expect(extensions.microsoftGraphV1.split(":").at(-1)).toBe(settings.version);
  },
);

const compiler = currentCompiler();
if (compiler === undefined) {
  it(
    verifies([...provedByTheCompiler, "infrastructure.oldest-compiler"], "the templates compile"),
    (context) => {
      context.skip(withoutCompiler);
    },
  );
} else {
  describe("the templates", { timeout }, () => {
    // Built once, by the first test that asks.
    const workspace = once(() => Workspace.open(compiler));
    const built = once(async () => {
      const opened = await workspace();
      return opened.bicep.compile(opened.pathOf(mainTemplate));
    });
    afterAll(async () => (await workspace()).close());

    it(verifies(provedByTheCompiler, "are built and linted without a warning"), async () => {
      const { diagnostics } = await built();
      const opened = await workspace();
      expect(diagnostics.map((each) => opened.describe(each))).toEqual([]);
    });

    it(verifies("infrastructure.compiles", "are formatted"), async () => {
      const opened = await workspace();
      for (const [file, text] of Object.entries(await readTemplateFiles())) {
        if (!file.endsWith(".bicep")) continue;
        expect(await opened.bicep.format(opened.pathOf(file)), file).toBe(text);
      }
    });

    it(
      verifies("infrastructure.oldest-compiler", "come to the same with the oldest compiler"),
      async (context) => {
        const path = oldestCompiler();
        if (path === undefined) return context.skip(withoutCompiler);
        const oldest = new Bicep(path);
        try {
          const { diagnostics, template } = await oldest.compile(
            (await workspace()).pathOf(mainTemplate),
          );
          expect(diagnostics).toEqual([]);
          expect(withoutGenerator(template)).toBe(withoutGenerator((await built()).template));
        } finally {
          oldest.close();
        }
      },
    );

    describe.each(compilerMistakes)("held to $requirement", ({ requirement, mistakes }) => {
      it.each(mistakes.map((each) => [each.mistake, each] as const))(
        verifies([requirement, "infrastructure.checks-bite"], "do without %s"),
        async (_mistake, { found, ...edit }) => {
          const opened = await workspace();
          const path = opened.pathOf(edit.file);
          const seen = await opened.edited(edit, async () => {
            const lines = (await readFile(path, "utf8")).split("\n");
            const built = await opened.bicep.compile(path);
            return built.diagnostics.map(
              ({ code, line }) => [code, lines[line - 1] ?? ""] as const,
            );
          });
          const named = seen.map(([code, line]) => {
            const wanted = found.find((each) => each[0] === code && line.includes(each[1]));
            return JSON.stringify(wanted ?? [code, line]);
          });
          expect(named.sort()).toEqual(found.map((each) => JSON.stringify(each)).sort());
        },
      );
    });
  });
}

/** A compiled template without what tells which compiler made it. */
function withoutGenerator(template: JsonObject | undefined): string {
  return JSON.stringify(template, (name, value) => (name === "_generator" ? undefined : value));
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
