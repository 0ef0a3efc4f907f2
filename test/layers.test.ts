import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { beforeAll, describe, expect, it } from "vitest";
import { parts, reading, rulesOf } from "./layers.ts";
import { verifies } from "./requirements.ts";

const root = join(import.meta.dirname, "..");

/** Every folder with code in it, but for the tests, which may look at everything. */
const folders = [
  "functions",
  "src",
  "local",
  "probe",
  "infra/hooks",
  "scripts",
  "bench",
  "bridge",
  "examples",
];

/** What imports what, and which imports the rules of `table` forbid. */
async function look(table: Readonly<Record<string, readonly string[]>>): Promise<ICruiseResult> {
  const present = await readdir(root, { withFileTypes: true });
  const names = present.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const { output } = await cruise(
    folders.filter((folder) => names.includes(folder.split("/")[0] ?? "")),
    { ...reading, baseDir: root, validate: true, ruleSet: { forbidden: rulesOf(table) } },
  );
  if (typeof output === "string") throw new TypeError(output);
  return output;
}

let result: ICruiseResult;

beforeAll(async () => {
  result = await look(parts);
});

const violationsIn = ({ summary }: ICruiseResult) =>
  summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} imports ${to}`);

describe("the layers", () => {
  it(verifies("layers.one-way", "import one way only, and never in a circle"), async () => {
    expect(violationsIn(result)).toEqual([]);
    expect(result.summary.totalDependenciesCruised).toBeGreaterThan(500);
  });

  it(verifies("layers.one-way", "would not pass with a forbidden import"), async () => {
    const { "src/gates": _gates, ...others } = parts;
    const found = violationsIn(await look({ ...others, "src/gates": [] }));
    expect(found).toContain("src/gates: src/gates/gate.ts imports src/core/caller.ts");
    expect(found.filter((violation) => !violation.startsWith("src/gates: "))).toEqual([]);
  });

  it(verifies("layers.one-way", "say of every file which part it belongs to"), () => {
    const files = result.modules
      .map(({ source }) => source)
      .filter((source) => /\.ts$/.test(source));
    const belongs = (file: string) =>
      Object.keys(parts).some((part) => file === `${part}.ts` || file.startsWith(`${part}/`));
    const own = files.filter((file) => folders.some((folder) => file.startsWith(`${folder}/`)));
    expect(own.filter((file) => !belongs(file))).toEqual([]);
    expect(own.length).toBeGreaterThan(250);
  });

  it(verifies("domain.one-value", "name the domain that is served in one line"), () => {
    const domain = result.modules
      .find(({ source }) => source === "src/domain.ts")
      ?.dependencies.map(({ resolved }) => dirname(resolved));
    expect(domain).toHaveLength(1);
    const isOfDomain = (file: string) => file.startsWith(`${domain?.[0]}/`);
    const namers = result.modules.filter(
      ({ source, dependencies }) =>
        !isOfDomain(source) &&
        // The benchmark measures the sample's own tools.
        !source.startsWith("bench/") &&
        // This command is the sample's own.
        source !== "scripts/sweep.ts" &&
        dependencies.some(({ resolved }) => isOfDomain(resolved)),
    );
    expect(namers.map(({ source }) => source)).toEqual(["src/domain.ts"]);
  });

  it(verifies("layers.local-unknown", "keep stack and tests out of what is deployed"), () => {
    const deployed = result.modules.filter(({ source }) => /^(?:src|functions)\//.test(source));
    const wrong = deployed.flatMap(({ source, dependencies }) =>
      dependencies
        .filter(({ resolved }) =>
          /^(?:local|probe|bench|bridge|scripts|test|infra|examples)\//.test(resolved),
        )
        .map(({ resolved }) => `${source} imports ${resolved}`),
    );
    expect(wrong).toEqual([]);
    expect(deployed.length).toBeGreaterThan(60);
  });

  it(verifies("authsuite.independent", "let the suite find the laptop stack, no more"), () => {
    const users = result.modules.filter(
      ({ source, dependencies }) =>
        source.startsWith("probe/authsuite/") &&
        dependencies.some(({ resolved }) => resolved.startsWith("local/")),
    );
    expect(users.map(({ source }) => source)).toEqual(["probe/authsuite/laptop.ts"]);
  });

  it(verifies("layers.token", "let the exchange alone read a caller's token"), async () => {
    // By name, which no rule about files can: the caller's own file is everybody's.
    const sources = result.modules
      .map(({ source }) => source)
      .filter((source) => /\.ts$/.test(source));
    const readers = await Promise.all(
      sources.map(async (source) => {
        const text = await readFile(join(root, source), "utf8");
        return /\baccessTokenOf\b/.test(text) ? [source] : [];
      }),
    );
    expect(readers.flat().sort()).toEqual([
      "src/core/caller.ts",
      "src/downstream/token-exchange.ts",
    ]);
  });
});
