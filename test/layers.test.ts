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
    "src/gates",
    "src/graph",
    "src/http",
    "src/keys",
    "src/mcp",
    "src/onbehalf",
    "src/result",
    "src/telemetry",
    "src/version",
  ],
  "src/azure-credential": ["src/config"],
  "src/canonical-base64url": [],
  "src/clouds": [],
  "src/config": ["src/clouds", "src/expenses"],
  "src/gates": ["src/config", "src/http", "src/identity", "src/mcp", "src/telemetry"],
  "src/invocation": ["src/telemetry"],
  "src/result": [],
  "src/telemetry": [],
  "src/version": [],
  "src/identity": ["src/canonical-base64url", "src/result", "src/telemetry"],
  "src/http": ["src/identity", "src/invocation", "src/mcp", "src/result", "src/telemetry"],
  "src/mcp": [
    "src/identity",
    "src/invocation",
    "src/keys",
    "src/outbound",
    "src/result",
    "src/telemetry",
  ],
  "src/keys": ["src/canonical-base64url", "src/result", "src/telemetry"],
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
  // The parts without a network, and the whole from outside.
  bench: [
    "authsuite/mcp-message",
    "local",
    "scripts",
    "src/expenses",
    "src/graph",
    "src/http",
    "src/identity",
    "src/keys",
    "src/mcp",
    "src/result",
  ],
  // From outside: what the server tells of failures, and what it shares with the authorization suite.
  doctor: [
    "authsuite/http",
    "authsuite/qualified-scope",
    "authsuite/report",
    "authsuite/tokens",
    "src/graph",
    "src/onbehalf",
  ],
};

interface Import {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly target: string;
}

/** The part that a file belongs to: `functions`, `local`, `doctor`, `bench`, `src/http`, `src/config`, … */
function partOf(file: string): string {
  const [top, second = ""] = file.split(sep);
  const hasParts = top === "src" || top === "authsuite";
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
  await Promise.all(["functions", "src", "local", "doctor", "bench"].map(sourcesBelow))
).flat();
const imports = sources.flatMap(importsOf);

/** Where callers' access tokens are kept. */
const tokenHolder = join("src", "identity", "caller.ts");

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
        ({ from, to }) => !/^(local|bench)$/.test(from) && /^(local|bench|test|scripts)$/.test(to),
      );
      expect(wrong).toEqual([]);
    },
  );

  it(verifies("layers.token", "let nobody but the exchange read a caller's access token"), () => {
    // Of whole files: it could be imported under a namespace's name.
    const readers = sources
      .filter(({ file, text }) => file !== tokenHolder && /\baccessTokenOf\b/.test(text))
      .map(({ file }) => partOf(file));
    expect([...new Set(readers)]).toEqual(["src/onbehalf"]);
  });
});
