import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { describe, expect, it } from "vitest";
import { verifies } from "./requirements.ts";

const root = join(import.meta.dirname, "..");

/** Which parts of the source a part may import from; itself is always allowed. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  functions: ["src/app", "src/http", "src/telemetry"],
  "src/app": [
    "src/azure-credential",
    "src/config",
    "src/expenses",
    "src/graph",
    "src/http",
    "src/identity",
    "src/invocation",
    "src/keys",
    "src/mcp",
    "src/onbehalf",
    "src/result",
    "src/telemetry",
    "src/version",
  ],
  "src/azure-credential": ["src/config"],
  "src/clouds": [],
  "src/config": ["src/clouds", "src/expenses"],
  "src/invocation": ["src/telemetry"],
  "src/result": [],
  "src/telemetry": [],
  "src/version": [],
  "src/identity": ["src/result", "src/telemetry"],
  "src/http": ["src/identity", "src/invocation", "src/mcp", "src/result", "src/telemetry"],
  "src/mcp": [
    "src/identity",
    "src/invocation",
    "src/keys",
    "src/outbound",
    "src/result",
    "src/telemetry",
  ],
  "src/keys": ["src/result", "src/telemetry"],
  "src/outbound": ["src/result"],
  "src/onbehalf": ["src/config", "src/identity", "src/outbound", "src/result", "src/telemetry"],
  "src/graph": [
    "src/identity",
    "src/mcp",
    "src/onbehalf",
    "src/outbound",
    "src/result",
    "src/telemetry",
  ],
  "src/expenses": [
    "src/identity",
    "src/keys",
    "src/mcp",
    "src/outbound",
    "src/result",
    "src/telemetry",
  ],
  local: ["scripts", "src/config", "src/expenses"],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly names: string;
  readonly target: string;
}

/** The part that a file belongs to: `functions`, `local`, `src/http`, `src/config`, … */
function partOf(file: string): string {
  const [top, second = ""] = file.split(sep);
  return top === "src" ? `src/${second.replace(/\.ts$/, "")}` : String(top);
}

async function importsBelow(folder: string): Promise<Import[]> {
  const entries = await readdir(join(root, folder), { recursive: true });
  const files = entries.filter((name) => name.endsWith(".ts")).map((name) => join(folder, name));
  const found = files.map(async (file) => {
    const text = await readFile(join(root, file), "utf8");
    const statements = text.matchAll(
      /(?:import|export)\s([^;"']*?)\sfrom\s+"(\.[^"]+)"|import\s*\(?\s*"(\.[^"]+)"/g,
    );
    return [...statements].map(([, names = "", from, bare]): Import => {
      const target = relative(root, join(root, dirname(file), String(from ?? bare)));
      return { file, names, from: partOf(file), to: partOf(target), target };
    });
  });
  return (await Promise.all(found)).flat();
}

const imports = (await Promise.all(["functions", "src", "local"].map(importsBelow))).flat();

describe("the layers", () => {
  it(verifies("layers.one-way", "import one way only"), () => {
    const wrong = imports
      .filter(({ from, to }) => from !== to && !allowed[from]?.includes(to))
      .map(({ file, target }) => `${file} imports ${target}`);
    expect(wrong).toEqual([]);
    expect(imports.length).toBeGreaterThan(50);
  });

  it(
    verifies("layers.local-unknown", "keep the laptop stack and the tests out of what is deployed"),
    () => {
      const wrong = imports.filter(
        ({ from, to }) => from !== "local" && /^(local|test|scripts)$/.test(to),
      );
      expect(wrong).toEqual([]);
    },
  );

  it(verifies("layers.token", "let nobody but the exchange read a caller's access token"), () => {
    const readers = imports
      .filter(({ names }) => /\baccessTokenOf\b/.test(names))
      .map(({ from }) => from);
    expect([...new Set(readers)]).toEqual(["src/onbehalf"]);
  });
});
