import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { servedDomain } from "../../scripts/domain-places.ts";
import { withRequirement, withTool } from "../../scripts/tool-registration.ts";
import { namesOf } from "../../scripts/tool-skeleton.ts";
import { root } from "../domain/tool-evidence.ts";
import { verifies } from "../requirements.ts";
import { runNode } from "../support/run-program.ts";

/** What the command and the checks on what it writes need of the project. */
const parts = [
  ...["src", "test", ".github", "docs", "examples", "scripts", "local", "infra"],
  ...[".gitignore", "biome.json", "package.json", "tsconfig.json", "vitest.config.ts"],
];

let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "new-tool-"));
  await Promise.all(
    parts.map((part) => cp(join(root, part), join(copy, part), { recursive: true })),
  );
  await symlink(join(root, "node_modules"), join(copy, "node_modules"), "junction");
});

afterAll(() => rm(copy, { recursive: true, force: true }));

/** Runs a program of the copy with this Node. */
async function run(...[file = "", ...args]: readonly string[]) {
  const options = { cwd: copy, env: { NO_COLOR: "1" } };
  const { code, stdout, stderr } = await runNode(join(copy, file), args, options);
  return { code, output: `${stdout}${stderr}` };
}

function textOf(file: string): Promise<string> {
  return readFile(join(copy, file), "utf8");
}

/** Checks the types of these files, and of what they import. */
async function checkTypes(...files: readonly string[]) {
  const settings = { extends: "./tsconfig.json", include: ["src/**/*.d.ts"], files };
  await writeFile(join(copy, "tsconfig.some.json"), JSON.stringify(settings));
  return run("node_modules/typescript/bin/tsc", "-p", "tsconfig.some.json");
}

/** Every file of the copy that a run may write, with its text. */
async function allTexts(): Promise<Record<string, string>> {
  const names = await Promise.all(
    ["src", "examples", "test", "docs", "infra"].map(async (part) => {
      const entries = await readdir(join(copy, part), { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map((e) => join(e.parentPath, e.name));
    }),
  );
  const read = names.flat().map(async (name) => [name, await readFile(name, "utf8")] as const);
  return Object.fromEntries(await Promise.all(read));
}

/** Runs the command in the copy. */
const newTool = (...args: readonly string[]) => run("scripts/new-tool.ts", ...args);

describe("npm run new-tool", () => {
  it(verifies("new-tool.complete", "adds a tool that passes every check as it is"), async () => {
    const { folder, tests, requirements, snapshot } = await servedDomain(root);
    const test = `${tests}/get-largest-thing.test.ts`;
    const added = await newTool("get_largest_thing", "--title", "Largest thing");
    const written = [...added.output.matchAll(/^ {2}(\S+\.\w+) {2}/gm)].map(([, file]) => file);
    expect(written).toEqual([
      `${folder}/get-largest-thing.ts`,
      test,
      `${folder}/domain.ts`,
      requirements,
      snapshot,
      "docs/tools.md",
    ]);
    const [types, lint, ran] = await Promise.all([
      checkTypes("src/domain.ts", "test/requirements.ts", test),
      run("node_modules/@biomejs/biome/bin/biome", "ci", "--error-on-warnings", folder, "test"),
      run("node_modules/vitest/vitest.mjs", "run", "test/domain", test),
    ]);
    expect(types).toEqual({ code: 0, output: "" });
    expect(lint).toMatchObject({ code: 0 });
    expect(ran).toMatchObject({
      code: 0,
      output: expect.stringMatching(/Test Files\s+3 passed \(3\)/),
    });
  }, 180_000);

  it(verifies("new-tool.complete", "adds the first tool of a domain elsewhere"), async () => {
    await serveRooms();
    const added = await newTool("book_room");
    expect(added).toEqual({ code: 0, output: expect.stringContaining("Added book_room") });
    expect(await textOf("examples/rooms/domain.ts")).toContain("tools: () => [bookRoom()],");
    expect(await textOf("examples/rooms/book-room.ts")).toContain('"../../src/core/result.ts"');
    expect(await textOf("test/rooms/book-room.test.ts")).toContain(
      'from "../../examples/rooms/book-room.ts"',
    );
    expect(JSON.parse(await textOf("test/rooms/tools.snapshot.json"))).toMatchObject([
      { name: "book_room", title: "Book room" },
    ]);
  });

  it(verifies("new-tool.refuses", "says why it does not, and writes nothing"), async () => {
    await serveRooms();
    await newTool("book_room");
    const refused = [
      [[], "A tool needs a name."],
      [["freeRoom"], "freeRoom is no name for a tool: at least two words in snake case"],
      [["free_room", "--title", "Two\nlines"], "--title takes a text of one line."],
      [["book_room"], "taken: examples/rooms/book-room.ts is there."],
      [["get_user_details"], "taken: src/directory/get-user-details.ts defines it."],
      [["one_room"], "taken: test/requirements/rooms.ts has the requirement tools.one-room."],
      [["define_tool"], "taken: defineTool, its function, is the name of something else."],
    ] as const;
    const before = await allTexts();
    const ended = await Promise.all(refused.map(([args]) => newTool(...args)));
    for (const [index, [args, words]] of refused.entries()) {
      expect([args, ended[index]]).toEqual([
        args,
        { code: 1, output: expect.stringContaining(words) },
      ]);
      expect(ended[index]?.output).not.toContain("    at ");
    }
    await edit("examples/rooms/domain.ts", /tools: .*/, "tools: allTools,");
    expect((await newTool("free_room")).output).toContain("examples/rooms/domain.ts has no list");
    await edit("examples/rooms/domain.ts", /tools: .*/, "tools: () => [bookRoom()],");
    expect(await allTexts()).toEqual(before);
  });
});

/** Lets the copy serve a domain without a tool, with one requirement. */
async function serveRooms(): Promise<void> {
  for (const folder of ["examples/rooms", "test/rooms"]) {
    await rm(join(copy, folder), { recursive: true, force: true });
  }
  await mkdir(join(copy, "examples/rooms"), { recursive: true });
  await writeFile(join(copy, "examples/rooms/domain.ts"), rooms);
  await writeFile(join(copy, "test/requirements/rooms.ts"), roomsRequirements);
  await writeFile(
    join(copy, "src/domain.ts"),
    'export { domain } from "../examples/rooms/domain.ts";\n',
  );
}

const rooms = `import { z } from "zod";
import { defineDomain } from "../../src/define-domain.ts";

export const domain = defineDomain({
  name: "rooms",
  title: "Rooms",
  instructions: "Books rooms.",
  scopeDescription: "Book rooms as you",
  settings: z.object({}),
  containers: {},
  tools: () => [],
});
`;

const roomsRequirements = `import type { Requirements } from "./requirement.ts";

export const roomsRequirements = {
  README: {
    "tools.one-room": "A room is booked once.",
  },
} satisfies Requirements;
`;

async function edit(file: string, pattern: RegExp, replacement: string): Promise<void> {
  const text = await textOf(file);
  expect(text).toMatch(pattern);
  await writeFile(join(copy, file), text.replace(pattern, replacement));
}

describe("the list of tools", () => {
  const tool = namesOf("book_room");
  const domainWith = (member: string) =>
    `import { z } from "zod";\n\n// tools: () => [ ]\nexport const domain = defineDomain({ instructions: "tools: [", ${member}, name: "n" });`;

  it.each([
    [
      "tools() { const all = [1].map((n) => [n]); return [a(all)]; }",
      "return [a(all),\nbookRoom(),\n]; }",
    ],
    ["tools: ({ now }) => [a(now), b([1]),]", "=> [a(now), b([1]),\nbookRoom(),\n]"],
    ["tools: () => []", "=> [\nbookRoom(),\n]"],
    [
      "tools() { return [\n  a(), // ends in ]\n]; }",
      "return [\n  a(), // ends in ]\nbookRoom(),\n]; }",
    ],
  ])(verifies("new-tool.complete", "is found in %j"), (member, expected) => {
    const text = withTool(domainWith(member), "domain.ts", tool);
    expect(text).toContain(expected);
    expect(text).toMatch(/^import \{ bookRoom \} from "\.\/book-room\.ts";$/m);
  });

  it.each(["tools: makeTools", "tools() { return all; }", "list: () => []"])(
    verifies("new-tool.refuses", "is missed in words in %j"),
    (member) => {
      expect(() => withTool(domainWith(member), "src/rooms/domain.ts", tool)).toThrow(
        "src/rooms/domain.ts has no list of tools that this command can add to.",
      );
    },
  );

  it(verifies("new-tool.refuses", "is not enough where the requirements have none"), () => {
    expect(() => withRequirement("export const all = [];", "rooms.ts", tool)).toThrow(
      "rooms.ts has no list of requirements",
    );
  });
});
