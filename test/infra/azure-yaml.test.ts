import { access, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { projectFolder } from "../../local/paths.ts";
import { verifies } from "../requirements.ts";

const hookSchema = z.strictObject({
  run: z.string().min(1),
  interactive: z.boolean().optional(),
  continueOnError: z.boolean().optional(),
});

/**
 * As much of azd's own schema as this project uses, with nothing beside it: azd passes over what it
 * does not know, and a misspelt hook never runs.
 *
 * @see https://github.com/Azure/azure-dev/blob/main/schemas/v1.0/azure.yaml.json
 */
const projectSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/),
  requiredVersions: z.strictObject({ azd: z.string() }),
  services: z.record(
    z.string(),
    z.strictObject({
      project: z.string(),
      host: z.enum(["function"]),
      language: z.enum(["js", "ts"]),
      dist: z.string(),
      remoteBuild: z.literal(false),
    }),
  ),
  hooks: z.strictObject({
    preprovision: hookSchema,
    postprovision: hookSchema,
    postdeploy: hookSchema,
    predown: hookSchema,
    postdown: hookSchema,
  }),
  pipeline: z.strictObject({
    provider: z.enum(["github"]),
    variables: z.array(z.string()),
  }),
});

const read = (path: string) => readFile(join(projectFolder, path), "utf8");
const text = await read("azure.yaml");
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await read("package.json")));

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** What is wrong with an `azure.yaml`, a line for every finding. */
async function findingsIn(yaml: string): Promise<string[]> {
  const parsed = projectSchema.safeParse(parse(yaml));
  if (!parsed.success) return parsed.error.issues.map(({ message }) => message);
  const { services, hooks } = parsed.data;
  const inServices = Object.values(services).map(async ({ project, dist }) => {
    const folder = join(projectFolder, project);
    const missing = [];
    // azd runs `build` only if it is there, and then deploys whatever is in the folder.
    if (scripts.build === undefined) missing.push("there is no script build");
    if (!(await exists(join(folder, "package.json"))))
      missing.push(`${project} has no package.json`);
    if (!(await exists(join(folder, dist)))) missing.push(`${dist} is not what the build makes`);
    return missing;
  });
  const inHooks = Object.entries(hooks).map(async ([name, { run }]) => {
    const lines = run.trim().split("\n");
    const plain = `infra/hooks/${name}.mjs`;
    const isOwnHook =
      lines.at(-1) === `npm run --silent hook ${name}` ||
      (lines.at(-1) === `node ${plain}` && (await exists(join(projectFolder, plain))));
    return [
      ...lines
        .filter((line) => !/^(?:npm|node) [\w ./-]+$/.test(line))
        .map((line) => `a shell's own words: ${line}`),
      ...(isOwnHook ? [] : [`${name} does not run the hook of that name`]),
    ];
  });
  return (await Promise.all([...inServices, ...inHooks])).flat();
}

describe("azure.yaml", () => {
  it(verifies(["azd.project", "azd.hooks-portable"], "has no finding"), async () => {
    expect(await findingsIn(text)).toEqual([]);
  });

  it(verifies("azd.project", "deploys to the function app of the service's name"), async () => {
    const { services } = projectSchema.parse(parse(text));
    const folder = join(projectFolder, "infra", "modules");
    const modules = (await readdir(folder)).filter((name) => name.endsWith(".bicep"));
    const templates = await Promise.all(modules.map((name) => read(`infra/modules/${name}`)));
    const tagged = templates.flatMap((template) =>
      [...template.matchAll(/'azd-service-name': '([^']*)'/g)].map(([, name]) => name),
    );
    expect(tagged).toEqual(Object.keys(services));
  });

  it(verifies("azd.project", "asks for no remote build, without an ignore file"), async () => {
    // Where `.funcignore` leaves node_modules out, azd refuses `remoteBuild: false`.
    expect(await exists(join(projectFolder, ".funcignore"))).toBe(false);
    expect(projectSchema.parse(parse(text)).services.mcp?.remoteBuild).toBe(false);
  });

  it(verifies("azd.hooks-portable", "has hooks that read only its outputs"), async () => {
    const template = await read("infra/main.bicep");
    const outputs = [...template.matchAll(/^output (\w+) /gm)].map(([, name]) => String(name));
    const parameters = await read("infra/main.parameters.json");
    const files = (await readdir(join(projectFolder, "infra", "hooks"))).filter((name) =>
      /\.m?[jt]s$/.test(name),
    );
    const sources = await Promise.all(files.map((name) => read(`infra/hooks/${name}`)));
    const used = sources.flatMap((source) =>
      [...source.matchAll(/\benv\.([A-Z_]+)|"((?:ENTRA|MCP|SERVICE)_[A-Z_]+)"/g)].map(
        ([, property, literal]) => String(property ?? literal),
      ),
    );
    const known = [
      ...outputs,
      ...[...parameters.matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => String(name)),
      // The hooks' own, what azd sets, and what a national cloud needs.
      "ENTRA_OBJECTS_TO_REMOVE",
      "AZURE_SUBSCRIPTION_ID",
      "GRAPH_ENDPOINT",
      "RESOURCE_MANAGER_ENDPOINT",
    ];
    expect(used.length).toBeGreaterThan(8);
    expect([...new Set(used)].filter((name) => !known.includes(name))).toEqual([]);
  });

  it.each([
    ["a misspelt hook", "postdeploy:", "postdeployment:"],
    ["a property that azd does not know", "remoteBuild: false", "remotebuild: false"],
    ["a remote build", "remoteBuild: false", "remoteBuild: true"],
    ["a folder that nothing makes", "dist: dist", "dist: build"],
    ["a project that is not there", "project: .", "project: ./src"],
    ["a script that is not there", "preprovision.mjs", "before-provision.mjs"],
    ["a hook of another name", "hook postdown", "hook predown"],
    ["a shell's own words", "hook postdown", 'hook postdown && echo "$?"'],
    ["a host that is not ours", "host: function", "host: appservice"],
  ])(verifies("azd.project", "is found out with a planted mistake: %s"), async (_, from, to) => {
    const planted = text.replace(from, to);
    expect(planted).not.toBe(text);
    expect(await findingsIn(planted)).not.toEqual([]);
  });
});
