import { readdir, readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import type { Finding } from "./finding.ts";
import { type ParsedTemplate, parseTemplate } from "./parse.ts";
import type { ModuleDeclaration, Template } from "./syntax.ts";

/** Texts by their path from the repository's root, with forward slashes. */
export type Files = ReadonlyMap<string, string>;

/** The templates of one state of the repository, parsed, and the files beside them. */
export interface Project {
  readonly files: Files;
  readonly templates: ReadonlyMap<string, Template>;
  readonly findings: readonly Finding[];
}

export const mainTemplate = "infra/main.bicep";
export const parametersFile = "infra/main.parameters.json";

const root = join(import.meta.dirname, "..", "..", "..");
const parsed = new Map<string, ParsedTemplate>();

/** The project's own files, as far as the checks look at them. */
export async function readFiles(): Promise<Files> {
  const files = await Promise.all(
    ["infra", "functions", "src"].map(async (folder) => {
      const names = await readdir(join(root, folder), { recursive: true });
      return names.map((name) => posix.join(folder, name.replaceAll("\\", "/")));
    }),
  );
  const wanted = files
    .flat()
    .filter((file) =>
      /^infra\/.*\.(bicep|json|kql|xml)$|^(functions|src)\/.*\.ts$|container\.json$/.test(file),
    );
  return new Map(
    await Promise.all(
      wanted.sort().map(async (file) => {
        const text = await readFile(join(root, file), "utf8");
        return [file, text.replaceAll("\r\n", "\n")] as const;
      }),
    ),
  );
}

export function projectOf(files: Files): Project {
  const templates = new Map<string, Template>();
  const findings: Finding[] = [];
  for (const [file, text] of files) {
    if (!file.endsWith(".bicep")) continue;
    const { template, findings: its } = parseOnce(file, text);
    templates.set(file, template);
    findings.push(...its);
  }
  return { files, templates, findings };
}

/** A template that did not change between two states is read once. */
function parseOnce(file: string, text: string): ParsedTemplate {
  const key = `${file}\n${text}`;
  const known = parsed.get(key) ?? parseTemplate(file, text);
  parsed.set(key, known);
  return known;
}

/** Where a path written in a template leads. */
export function pathFrom(template: Template, path: string): string {
  return posix.join(posix.dirname(template.file), path);
}

export interface ModuleCall {
  readonly caller: Template;
  readonly module: ModuleDeclaration;
}

export function modulesIn(template: Template): ModuleDeclaration[] {
  return template.declarations.filter((declaration) => declaration.kind === "module");
}

/** Every place where a template is used as a module. */
export function callsOf(project: Project, template: Template): ModuleCall[] {
  return [...project.templates.values()].flatMap((caller) =>
    modulesIn(caller)
      .filter(({ path }) => pathFrom(caller, path) === template.file)
      .map((module) => ({ caller, module })),
  );
}
