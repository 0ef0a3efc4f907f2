/**
 * `npm run new-tool -- NAME`: adds a tool to the domain that `src/domain.ts` names, with its test and
 * its requirement. What it writes passes every check; what the tool does is then yours to write.
 */
import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { CommandError, readArguments, runCommand } from "../local/command-line.ts";
import { type AgreedTool, mostTools, snapshotWith } from "./describe-domain.ts";
import { type DomainPlaces, servedDomain } from "./domain-places.ts";
import { withRequirement, withTool } from "./tool-registration.ts";
import { type NewTool, namesOf, testText, toolText } from "./tool-skeleton.ts";

const root = join(import.meta.dirname, "..");

const usage = `Usage: npm run new-tool -- NAME [--title TEXT]

Adds a tool to the domain that src/domain.ts names: the tool, a test that calls it, its requirement, its
entries in the domain's list, in the snapshot and in docs/tools.md. NAME is how models know the tool, a
verb and what it is about in snake case: get_largest_expense. See docs/extending.md.`;

/** What the files hold, in the order in which they are written. */
const contents = [
  "the tool",
  "its test, which calls it as a client does",
  "its entry in the list of tools",
  "what it promises; the test's title cites it",
  "what clients see of it",
];

await runCommand(async () => {
  const { values, positionals } = readArguments(
    usage,
    {
      title: { value: "TEXT", description: "how people read it, made of NAME unless given" },
    },
    1,
  );
  const [name] = positionals;
  if (name === undefined) throw new CommandError(`A tool needs a name.\n\n${usage}`);
  const tool = namesOf(checkedName(name), checkedTitle(values.title));
  const places = await servedDomain(root);
  const written = await writeSource(tool, places);
  await format(written);
  const derived = await writeDerived(tool, places);
  console.log(report(tool, [...written, ...derived]));
});

function checkedName(name: string): string {
  if (/^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/.test(name) && name.length <= 64) return name;
  throw new CommandError(
    `${name} is no name for a tool: at least two words in snake case, such as get_largest_expense, of lower-case letters and digits, 64 characters at most.`,
  );
}

function checkedTitle(title: string | undefined): string | undefined {
  if (title === undefined || /^[^\p{C}]*\S[^\p{C}]*$/u.test(title)) return title;
  throw new CommandError("--title takes a text of one line.");
}

/** Writes what people write of a tool. Nothing is written before all of it is known to fit. */
async function writeSource(tool: NewTool, places: DomainPlaces): Promise<readonly string[]> {
  const { folder, tests, requirements } = places;
  const domainFile = `${folder}/domain.ts`;
  const toolFile = `${folder}/${tool.fileName}.ts`;
  const testFile = `${tests}/${tool.fileName}.test.ts`;
  await refuseTaken(tool, places, [toolFile, testFile]);
  const promised = await read(requirements).catch(() => {
    throw new CommandError(
      `${requirements} is not there. docs/extending.md says what belongs to a domain.`,
    );
  });
  const texts = new Map([
    [toolFile, toolText(tool, places)],
    [testFile, testText(tool, places)],
    [domainFile, withTool(await read(domainFile), domainFile, tool)],
    [requirements, withRequirement(promised, requirements, tool)],
  ]);
  for (const [file, text] of texts) await write(file, text);
  return [...texts.keys()];
}

/** @throws {CommandError} where something of these names is there already */
async function refuseTaken(
  { name, maker, requirementId }: NewTool,
  places: DomainPlaces,
  newFiles: readonly string[],
): Promise<void> {
  const taken = (why: string) => new CommandError(`${name} is taken: ${why}.`);
  for (const file of newFiles) {
    if (existsSync(join(root, file))) throw taken(`${file} is there`);
  }
  for (const file of filesAt("src/**/*.ts", `${places.folder}/**/*.ts`)) {
    const text = await read(file);
    if (text.includes("defineTool(") && text.includes(`name: "${name}"`)) {
      throw taken(`${file} defines it`);
    }
  }
  for (const file of filesAt("test/requirements/*.ts")) {
    if ((await read(file)).includes(`"${requirementId}"`)) {
      throw taken(`${file} has the requirement ${requirementId}`);
    }
  }
  const ownWords = toolText(namesOf("some_name"), places);
  const words = new Set(`${await read(`${places.folder}/domain.ts`)}${ownWords}`.split(/\W+/));
  if (words.has(maker)) throw taken(`${maker}, its function, is the name of something else`);
  if ((await agreedTools(places)).length >= mostTools) {
    throw new CommandError(
      `There are ${mostTools} tools, as many as a server may have: models choose worse among more.`,
    );
  }
}

/** Sorts imports and lays out, as `npm run check` does. */
async function format(files: readonly string[]): Promise<void> {
  const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
  const args = [biome, "check", "--write", "--error-on-warnings", "--colors=off", ...files];
  await promisify(execFile)(process.execPath, args, { cwd: root }).catch((error: unknown) => {
    const { stderr = "" } = error as { stderr?: string };
    throw new CommandError(`The tool is written, but npm run check does not pass:\n${stderr}`);
  });
}

/** Brings up to date what follows from the domain, which can be loaded only now. */
async function writeDerived({ name }: NewTool, places: DomainPlaces): Promise<readonly string[]> {
  const { domain } = await import("../src/domain.ts");
  await write(places.snapshot, snapshotWith(name, domain, await agreedTools(places)));
  const { writeDomainFiles } = await import("./domain-files.ts");
  return [places.snapshot, ...(await writeDomainFiles())];
}

async function agreedTools({ snapshot }: DomainPlaces): Promise<readonly AgreedTool[]> {
  return existsSync(join(root, snapshot)) ? JSON.parse(await read(snapshot)) : [];
}

function report({ name, requirementId }: NewTool, files: readonly string[]): string {
  const width = Math.max(...files.map((file) => file.length));
  const lines = files.map((file, index) => {
    const holds = contents[index] ?? "brought up to date";
    return `  ${file.padEnd(width)}  ${holds}`;
  });
  return `Added ${name}, and wrote:
${lines.join("\n")}

It gives back a text. Write what it does in the first file, how that shows in its test, and what it
promises in its requirement, ${requirementId}: docs/extending.md has an example. Then:
  npm run build                    brings its row in docs/tools.md up to date
  npx vitest run test/domain -u    agrees to what clients see of it
  npm test`;
}

function filesAt(...patterns: readonly string[]): readonly string[] {
  return [...new Set(patterns.flatMap((pattern) => globSync(pattern, { cwd: root })))];
}

function read(file: string): Promise<string> {
  return readFile(join(root, file), "utf8");
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), text);
}
