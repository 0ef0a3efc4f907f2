import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { readAppFiles } from "../../local/functions-host/app-files.ts";
import { applicationFolder, projectFolder } from "../../local/paths.ts";
import { serverSettings } from "../../local/settings.ts";
import { bundleServer, bundling } from "../../scripts/bundle.ts";
import { mcpRequest } from "../mcp.ts";
import type { Measurement, Metric } from "../report.ts";
import { type Effort, type ScenarioGroup, Tally } from "../scenario.ts";
import { inTurns } from "../statistics.ts";

const wholeBundle = "import/bundle";
const manifestOf = (path: string) =>
  JSON.parse(readFileSync(join(projectFolder, path, "package.json"), "utf8"));
/** Native, and the bridge's alone. */
const unbundled = Object.keys(manifestOf("bridge").optionalDependencies);
const packages = Object.keys(manifestOf(".").dependencies).filter(
  (name) => !unbundled.includes(name),
);

/**
 * What importing costs in a fresh process: the bundle, and each package that it holds, alone, whole,
 * with all that it needs itself, so that these do not add up.
 */
export const imports: ScenarioGroup = {
  names: [wholeBundle, ...packages.map((name) => `import/${name}`)],

  async measure(names, effort) {
    const measurements: Measurement[] = [];
    const add = (name: string, metrics: Metric[]) =>
      // What cannot be imported ends the run.
      measurements.push({ name, metrics, answers: 1, errors: 0 });
    const shares = await bundleShares();
    const share = (name: string): Metric => {
      return {
        name: "own code in the bundle",
        unit: "kB",
        values: [(shares.get(name) ?? 0) / 1000],
      };
    };
    if (names.has(wholeBundle)) {
      const { against } = effort;
      const importing = (build: string) => importFigure(entryOf(build));
      const times = await timesOfBuilds("import", effort, importing);
      const loaded = async (name: string, build: string): Promise<Metric> => {
        return { name, unit: "bytes", values: [await importFigure(entryOf(build), "--bytes")] };
      };
      const ours = await loaded("loaded", applicationFolder);
      const theirs = against === undefined ? [] : [await loaded("loaded by the other", against)];
      add(wholeBundle, [...times, ours, ...theirs, share("")]);
    }
    const folder = await mkdtemp(join(tmpdir(), "bench-imports-"));
    try {
      for (const name of packages.filter((each) => names.has(`import/${each}`))) {
        const file = await bundlePackage(name, folder);
        const alone = { ...effort, against: undefined };
        const times = await timesOfBuilds("import", alone, () => importFigure(file));
        add(`import/${name}`, [...times, share(name)]);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    return measurements;
  },
};

/** How many bytes of the bundle are of each package; of the project itself under an empty name. */
async function bundleShares(): Promise<ReadonlyMap<string, number>> {
  const { metafile } = await bundleServer();
  const shares = new Map<string, number>();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) {
      const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? "";
      shares.set(name, (shares.get(name) ?? 0) + bytesInOutput);
    }
  }
  return shares;
}

/** From the start of the server's process to its first answered tool call. */
export const coldStart: ScenarioGroup = {
  names: ["cold-start"],

  async measure(_names, effort, startStack) {
    const stack = await startStack();
    const tally = new Tally();
    const call = mcpRequest("modern", await stack.token("user1"), {
      tool: "get_user_expenses",
      isExpected: ({ structuredContent }) => structuredContent !== undefined,
    });
    const start = async (build: string) => {
      const startedAt = performance.now();
      return stack.withServer(build, async (server) => {
        const answer = await server.send(call);
        const milliseconds = performance.now() - startedAt;
        tally.count(call.problem(answer));
        return milliseconds;
      });
    };
    return [tally.measurement("cold-start", await timesOfBuilds("first tool call", effort, start))];
  },
};

/** Two builds differ by less than one start does from the next, so that it takes more of them. */
const pairsPerSecond = 10;

/** Measures this build, or, where there is another, both in turns, and the ratio of each pair. */
async function timesOfBuilds(
  name: string,
  { against, rounds, seconds }: Effort,
  time: (build: string) => Promise<number>,
): Promise<Metric[]> {
  // Once unmeasured: the files come into the system's memory.
  if (rounds > 1) await time(applicationFolder);
  if (rounds > 1 && against !== undefined) await time(against);
  if (against === undefined) {
    const values = [];
    for (let round = 0; round < rounds; round += 1) values.push(await time(applicationFolder));
    return [{ name, unit: "ms", values }];
  }
  const pairs = await inTurns(
    rounds === 1 ? 1 : Math.ceil(seconds * pairsPerSecond),
    () => time(applicationFolder),
    () => time(against),
  );
  return [
    { name: `${name}, ratio`, unit: "times", values: pairs.map(({ one, other }) => one / other) },
    { name, unit: "ms", values: pairs.map(({ one }) => one) },
    { name: `${name} of the other`, unit: "ms", values: pairs.map(({ other }) => other) },
  ];
}

/** Bundles a package alone, whole, as the server is bundled. Returns the file. */
async function bundlePackage(name: string, folder: string): Promise<string> {
  const contents = `export * from ${JSON.stringify(name)};`;
  const { outputFiles } = await build({
    ...bundling,
    legalComments: "none",
    stdin: { contents, resolveDir: bundling.absWorkingDir },
  });
  const file = join(folder, `${name.replace("/", "-")}.mjs`);
  await writeFile(file, outputFiles[0]?.contents ?? "");
  return file;
}

function entryOf(folder: string): string {
  return join(folder, readAppFiles(folder).entryFile);
}

/** Nothing is asked of them while modules are loaded. */
const settings = serverSettings(
  {
    issuer: "http://localhost:1/tenant/v2.0",
    authorityHost: "https://localhost:1",
    managedIdentity: { endpoint: "http://127.0.0.1:1", header: "none" },
    graph: "http://localhost:1",
    cosmos: "https://localhost:1",
    storage: "https://localhost:1",
  },
  "http://localhost:7071/mcp",
  "",
);

/**
 * How many milliseconds importing a file takes in a fresh process, or how many bytes it loads.
 *
 * @throws {Error} where it cannot be imported
 */
async function importFigure(file: string, ...options: "--bytes"[]): Promise<number> {
  const program = join(import.meta.dirname, "..", "import-probe.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [program, file, ...options], {
    env: { ...process.env, ...settings, NODE_EXTRA_CA_CERTS: undefined },
  });
  const figure = Number(stdout.trim().split("\n").at(-1));
  if (!(figure > 0)) throw new Error(`${file} told no figure: ${stdout}`);
  return figure;
}
