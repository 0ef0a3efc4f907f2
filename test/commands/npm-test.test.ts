import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { runNode } from "../support/run-program.ts";
import { temporaryFolder } from "../support/stack.ts";

const root = join(import.meta.dirname, "..", "..");

/** A project with the scripts of this one, whose build only says that it ran, and tests of every kind. */
const files = {
  "scripts/build.ts": 'console.log("the build runs");\n',
  "test/requirements.ts": `export const requirements = [
  { id: "sum.adds", what: "It adds.", source: "test/sum.test.ts" },
  { id: "page.opens", what: "It opens.", source: "test/page.test.ts" },
] as const;\n`,
  "test/sum.test.ts": `import { expect, it } from "vitest";

it("adds [sum.adds]", () => {
  expect(1 + 1).toBe(2);
});\n`,
  "test/wrong.test.ts": `import { expect, it } from "vitest";

it("is wrong", () => {
  expect(process.env.WRONG).toBeUndefined();
});\n`,
  "test/page.test.ts": `import { it } from "vitest";

it("opens [page.opens]", ({ skip }) => {
  skip("no browser: CHROMIUM_PATH can name one");
});\n`,
  "test/compiles.test.ts": `import { it } from "vitest";

it("has a compiler", ({ skip }) => {
  skip("bicep is not on the PATH");
});\n`,
  "test/built.test.ts": `import { expect, it } from "vitest";
import { applicationFolder } from "../local/paths.ts";

it("is built", () => {
  expect(applicationFolder).toContain("dist");
});\n`,
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder.path, path)), { recursive: true });
  await writeFile(join(folder.path, path), content);
}

beforeAll(async () => {
  folder = await temporaryFolder();
  const brought = [
    ...["test", "test-files", "type-checks", "page", "left-out"].map(
      (name) => `scripts/${name}.ts`,
    ),
    ...["local/command-line.ts", "local/paths.ts"],
    ...["package.json", "tsconfig.json", "biome.json", ".gitignore", "vitest.config.ts"],
  ];
  for (const path of brought) await cp(join(root, path), join(folder.path, path));
  await symlink(join(root, "node_modules"), join(folder.path, "node_modules"), "junction");
  for (const [path, content] of Object.entries(files)) await write(path, content);
});

afterAll(() => folder?.[Symbol.asyncDispose]());

/** Runs `npm test -- ARGUMENTS` in that project, on a machine where a person is looking. */
async function npmTest(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const script = join(folder.path, "scripts", "test.ts");
  const ended = await runNode(script, args, { cwd: folder.path, env: { CI: undefined, ...env } });
  return { ...ended, last: ended.stdout.trimEnd().split("\n").at(-1) };
}

describe("npm test -- PATH", () => {
  it(verifies("commands.test.path", "runs those alone, and nothing before them"), async () => {
    const { code, stdout, last } = await npmTest(["test/sum.test.ts"]);
    expect(stdout.match(/^ok: .*$/gm)).toEqual([
      "ok: every test file loads and no test is left out",
    ]);
    expect(stdout).not.toContain("page.test.ts");
    expect([code, last]).toEqual([0, "2 passed, 0 failed"]);
  });

  it(verifies("commands.test.path", "takes several, each a part of a path"), async () => {
    const { stdout, last } = await npmTest(["./test/sum", "wrong"]);
    expect(stdout).toContain("test/sum.test.ts");
    expect(stdout).toContain("test/wrong.test.ts");
    expect(last).toBe("3 passed, 0 failed");
  });

  it(verifies("commands.test.path", "builds first what a test starts"), async () => {
    const { stdout, last } = await npmTest(["built"]);
    expect(stdout).toContain("the build runs");
    expect(last).toBe("3 passed, 0 failed");
  });

  it(verifies("commands.test.path", "counts what fails"), async () => {
    const { code, last } = await npmTest(["wrong"], { WRONG: "yes" });
    expect([code, last]).toEqual([1, "1 passed, 1 failed"]);
  });

  it(verifies("commands.test.nothing", "fails where a path matches nothing"), async () => {
    const { code, stdout, stderr, last } = await npmTest(["test/sum.test.ts", "test/nowhere"]);
    expect(stderr).toContain("no test file has test/nowhere in its path");
    expect(stdout).not.toContain("sum.test.ts");
    expect([code, last]).toEqual([1, "0 passed, 1 failed"]);
  });

  it(verifies("commands.test.nothing", "fails where no test ran"), async () => {
    const { code, stderr, last } = await npmTest(["test/page"]);
    expect(stderr).toContain("no test ran");
    expect([code, last]).toEqual([1, "0 passed, 1 failed"]);
  });
});

describe("npm test", () => {
  it(
    verifies(
      ["commands.test.whole", "commands.test.reasons"],
      "checks all there is, and says of each test that did not run what was missing for that one",
    ),
    async () => {
      const { code, stdout, stderr } = await npmTest([]);
      expect(stderr).toBe("");
      expect(stdout.match(/^(?:ok: .*|the build runs)$/gm)).toEqual([
        "ok: types",
        "ok: lint and format",
        "the build runs",
        "ok: build",
        "ok: every test file loads and no test is left out",
        "ok: every requirement has a test",
      ]);
      expect(stdout.slice(stdout.indexOf("2 not run")).trimEnd().split("\n")).toEqual([
        "2 not run on this machine, as it is now:",
        expect.stringMatching(/^ {2}- .* \(.*\)$/),
        expect.stringMatching(/^ {2}- .* \(.*\)$/),
        "8 passed, 0 failed",
      ]);
      expect(stdout).toContain("opens [page.opens] (no browser: CHROMIUM_PATH can name one)\n");
      expect(stdout).toContain("has a compiler (bicep is not on the PATH)\n");
      expect(code).toBe(0);
    },
  );

  it(verifies("commands.test.whole", "fails unwatched for a test that did not run"), async () => {
    const { code, stderr, last } = await npmTest([], { CI: "true" });
    expect(stderr).toContain("not run: opens [page.opens]");
    expect(stderr).toContain("page.opens has no passing test");
    expect([code, last]).toEqual([1, "6 passed, 2 failed"]);
  });

  it(verifies("commands.test.reasons", "fails for a skipped test without a reason"), async () => {
    await write("test/silent.test.ts", 'import { it } from "vitest";\n\nit.skip("is silent");\n');
    const { code, stderr } = await npmTest(["test/silent", "test/sum"]);
    expect(stderr).toContain("not run, and does not say why: is silent");
    expect(code).toBe(1);
  });

  it(verifies("commands.test.reasons", "fails for what is thrown outside of a test"), async () => {
    await write(
      "test/stray.test.ts",
      `import { it } from "vitest";

it("leaves a rejection behind", () => {
  void Promise.reject(new TypeError("gone astray"));
});\n`,
    );
    const { code, stderr, last } = await npmTest(["test/stray"]);
    expect(stderr).toContain("unhandled: gone astray");
    expect([code, last]).toEqual([1, "1 passed, 1 failed"]);
  });

  it(verifies("commands.help", "explains the whole run, paths and browsers"), async () => {
    const { code, stdout } = await npmTest(["--help"]);
    expect(stdout).toMatch(/^Usage: npm test \[-- PATH\.\.\.\]\n/);
    for (const word of ["type check", "lint", "build", "requirement", "PATH", "CHROMIUM_PATH"]) {
      expect(stdout).toContain(word);
    }
    expect(code).toBe(0);
  });
});
