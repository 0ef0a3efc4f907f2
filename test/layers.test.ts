import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { describe, expect, it } from "vitest";
import { verifies } from "./requirements.ts";

const root = join(import.meta.dirname, "..");

/** The folder of the domain that is served: the one line that names it says which. */
const [, served = ""] =
  /from "\.\/(.+)\/domain\.ts"/.exec(await readFile(join(root, "src/domain.ts"), "utf8")) ?? [];
const servedDomain = `src/${served}`;

/** What a domain may use of the server. */
const domainParts = ["src/core", "src/define-domain", "src/directory", "src/mcp", "src/storage"];

/** Which parts of the source a part may import from; itself is always allowed. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  functions: ["src/azure", "src/core", "src/domain", "src/gates"],
  "src/azure": [
    "src/app",
    "src/azure-credential",
    "src/azure-storage",
    "src/config",
    "src/core",
    "src/define-domain",
    "src/gates",
    "src/health",
  ],
  "src/azure-credential": ["src/config"],
  "src/azure-storage": ["src/app", "src/keys", "src/mcp"],
  "src/app": [
    "src/config",
    "src/core",
    "src/define-domain",
    "src/directory",
    "src/downstream",
    "src/gates",
    "src/health",
    "src/keys",
    "src/mcp",
  ],
  "src/domain": [servedDomain],
  [servedDomain]: domainParts,
  "examples/vacations": domainParts,
  "src/define-domain": ["src/downstream", "src/keys", "src/mcp", "src/storage"],
  "src/directory": ["src/core", "src/downstream", "src/mcp"],
  "src/downstream": ["src/core", "src/mcp"],
  "src/storage": ["src/core", "src/keys", "src/mcp"],
  "src/mcp": ["src/core", "src/keys"],
  "src/gates": ["src/core"],
  "src/health": ["src/core"],
  "src/keys": ["src/core"],
  "src/config": ["src/clouds"],
  "src/clouds": [],
  "src/core": [],
  local: ["scripts", "src/config", "src/define-domain", "src/domain"],
  bench: ["local", "probe/authsuite", "scripts", "src/app", "src/config", "src/core", servedDomain],
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
  const hasParts = top === "src" || top === "probe" || top === "examples";
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
  await Promise.all(["functions", "src", "examples", "local", "probe", "bench"].map(sourcesBelow))
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

  it(verifies("domain.one-value", "name the domain that is served in one line"), () => {
    const namers = imports.filter(({ from, to }) => to === servedDomain && from !== servedDomain);
    const outsideBench = namers.filter(({ from }) => from !== "bench");
    expect(outsideBench.map(({ file }) => file)).toEqual([join("src", "domain.ts")]);
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
