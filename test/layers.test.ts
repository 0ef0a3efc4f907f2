import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { describe, expect, it } from "vitest";
import { verifies } from "./requirements.ts";

const root = join(import.meta.dirname, "..");

/** Which parts of the source a part may import from; itself is always allowed. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  functions: ["src/app", "src/core", "src/gates"],
  "src/app": [
    "src/azure",
    "src/config",
    "src/core",
    "src/directory",
    "src/downstream",
    "src/expenses",
    "src/gates",
    "src/health",
    "src/keys",
    "src/mcp",
    "src/storage",
    "src/version",
  ],
  "src/azure": ["src/config"],
  "src/clouds": [],
  "src/config": ["src/clouds", "src/expenses"],
  "src/core": [],
  "src/health": [],
  "src/version": [],
  "src/gates": ["src/config", "src/core", "src/mcp"],
  "src/keys": ["src/core"],
  "src/mcp": ["src/core", "src/keys"],
  "src/downstream": ["src/config", "src/core", "src/directory", "src/mcp"],
  "src/directory": ["src/core", "src/downstream", "src/mcp"],
  "src/storage": ["src/core", "src/expenses", "src/keys", "src/mcp"],
  "src/expenses": ["src/core", "src/keys", "src/mcp", "src/storage"],
  local: ["scripts", "src/config", "src/expenses"],
  bench: [
    "local",
    "scripts",
    "src/core",
    "src/directory",
    "src/expenses",
    "src/gates",
    "src/keys",
    "src/mcp",
    "src/storage",
  ],
  "probe/authsuite": ["local"],
  "probe/doctor": ["probe/authsuite", "src/directory", "src/downstream"],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly target: string;
}

/** The part that a file belongs to: `functions`, `local`, `probe/doctor`, `src/gates`, `src/config`, … */
function partOf(file: string): string {
  const [top, second = ""] = file.split(sep);
  const hasParts = top === "src" || top === "probe";
  return hasParts ? `${top}/${second.replace(/\.ts$/, "")}` : String(top);
}

interface Source {
  readonly file: string;
  readonly text: string;
}

async function sourcesBelow(folder: string): Promise<Source[]> {
  const entries = await readdir(join(root, folder), { recursive: true });
  const files = entries.filter((name) => name.endsWith(".ts")).map((name) => join(folder, name));
  const read = async (file: string) => ({ file, text: await readFile(join(root, file), "utf8") });
  return Promise.all(files.map(read));
}

function importsOf({ file, text }: Source): Import[] {
  const statements = text.matchAll(
    /(?:import|export)\s[^;"']*?\sfrom\s+"(\.[^"]+)"|import\s*\(?\s*"(\.[^"]+)"/g,
  );
  return [...statements].map(([, from, bare]): Import => {
    const target = relative(root, join(root, dirname(file), String(from ?? bare)));
    return { file, from: partOf(file), to: partOf(target), target };
  });
}

const sources = (
  await Promise.all(["functions", "src", "local", "probe", "bench"].map(sourcesBelow))
).flat();
const imports = sources.flatMap(importsOf);

/** Where callers' access tokens are kept. */
const tokenHolder = join("src", "core", "caller.ts");

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
        ({ from, to }) =>
          !/^(local|bench|probe)\b/.test(from) && /^(local|bench|test|scripts)$/.test(to),
      );
      expect(wrong).toEqual([]);
    },
  );

  it(verifies("layers.token", "let nobody but the exchange read a caller's access token"), () => {
    // Of whole files: it could be imported under a namespace's name.
    const readers = sources
      .filter(({ file, text }) => file !== tokenHolder && /\baccessTokenOf\b/.test(text))
      .map(({ file }) => partOf(file));
    expect([...new Set(readers)]).toEqual(["src/downstream"]);
  });
});
