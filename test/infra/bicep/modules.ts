import { type Finding, type FindingKind, findingIn } from "./finding.ts";
import { callsOf, mainTemplate, modulesIn, type Project, pathFrom } from "./project.ts";
import {
  bodyOf,
  literalText,
  type ModuleDeclaration,
  type OutputDeclaration,
  type ParameterDeclaration,
  propertyOf,
  symbolOf,
  type Template,
} from "./syntax.ts";
import { allowedValuesOf, isRequired, misfits } from "./types.ts";
import { walkDeclaration } from "./walk.ts";

/** Module references: the file is there, and what goes in and comes out is what it declares. */
export function checkModules(project: Project): Finding[] {
  return [...project.templates.values()].flatMap((template) => [
    ...modulesIn(template).flatMap((module) => checkCall(project, template, module)),
    ...unknownOutputs(project, template),
    ...unusedOutputs(project, template),
    ...(template.file !== mainTemplate && callsOf(project, template).length === 0
      ? neverCalled(template)
      : []),
  ]);
}

export function parametersOf(template: Template): ParameterDeclaration[] {
  return template.declarations.filter((declaration) => declaration.kind === "parameter");
}

export function outputsOf(template: Template): OutputDeclaration[] {
  return template.declarations.filter((declaration) => declaration.kind === "output");
}

/** What a module's use may say beside its parameters. */
const bodyMembers: ReadonlySet<string> = new Set(["dependsOn", "name", "params", "scope"]);

function checkCall(project: Project, template: Template, module: ModuleDeclaration): Finding[] {
  const finding = (kind: FindingKind, line: number, subject: string, message: string) =>
    findingIn(template, kind, line, subject, message);
  const file = pathFrom(template, module.path);
  const target = project.templates.get(file);
  if (target === undefined) {
    const message = `the module ${module.name} refers to ${file}, which is not there`;
    return [finding("module-file-missing", module.line, module.name, message)];
  }
  const body = bodyOf(module);
  const strange = (body.kind === "object" ? body.properties : []).flatMap(({ key, line }) => {
    const name = literalText(key) ?? "?";
    if (bodyMembers.has(name)) return [];
    return [finding("module-parameter-unknown", line, name, `no module has ${name}`)];
  });
  const params = propertyOf(body, "params")?.value;
  if (params !== undefined && params.kind !== "object") {
    const message = `the parameters of ${module.name} are no object literal`;
    return [finding("module-parameter-type", params.line, module.name, message)];
  }
  const given = new Map(
    (params?.properties ?? []).map((property) => [literalText(property.key) ?? "", property]),
  );
  const declared = new Map(parametersOf(target).map((each) => [each.name, each]));
  const findings: Finding[] = [...strange];
  for (const parameter of declared.values()) {
    if (isRequired(parameter) && !given.has(parameter.name)) {
      const message = `${module.name} needs ${parameter.name}`;
      findings.push(finding("module-parameter-missing", module.line, parameter.name, message));
    }
  }
  for (const [name, { value, line }] of given) {
    const parameter = declared.get(name);
    if (parameter === undefined) {
      findings.push(
        finding("module-parameter-unknown", line, name, `${file} has no parameter ${name}`),
      );
      continue;
    }
    const allowed = allowedValuesOf(parameter);
    const its = misfits(project, template, value, target, parameter.type, name, allowed);
    for (const each of its) {
      findings.push(finding("module-parameter-type", each.line, name, each.message));
    }
  }
  const scope = propertyOf(body, "scope");
  if (template.targetScope !== target.targetScope && scope === undefined) {
    const message = `${module.name} goes from ${template.targetScope} to ${target.targetScope} and names no scope`;
    findings.push(finding("module-scope", module.line, module.name, message));
  }
  return findings;
}

/** `module.outputs.name`, wherever it is read. */
function outputReads(template: Template): { module: string; output: string; line: number }[] {
  const reads: { module: string; output: string; line: number }[] = [];
  for (const declaration of template.declarations) {
    walkDeclaration(declaration, (expression) => {
      if (expression.kind !== "member" || expression.object.kind !== "member") return;
      if (expression.object.property !== "outputs") return;
      const module = symbolOf(expression.object.object);
      if (module === undefined) return;
      reads.push({ module, output: expression.property, line: expression.line });
    });
  }
  return reads;
}

function unknownOutputs(project: Project, template: Template): Finding[] {
  const modules = new Map(modulesIn(template).map((module) => [module.name, module]));
  return outputReads(template).flatMap(({ module, output, line }) => {
    const path = modules.get(module)?.path;
    const target = path === undefined ? undefined : project.templates.get(pathFrom(template, path));
    if (target === undefined || outputsOf(target).some(({ name }) => name === output)) return [];
    const message = `${target.file} has no output ${output}`;
    return [findingIn(template, "module-output-unknown", line, output, message)];
  });
}

function unusedOutputs(project: Project, template: Template): Finding[] {
  const calls = callsOf(project, template);
  // The outputs of the main template are for people and tools.
  if (calls.length === 0) return [];
  const read = new Set(
    calls.flatMap(({ caller, module }) =>
      outputReads(caller)
        .filter((each) => each.module === module.name)
        .map(({ output }) => output),
    ),
  );
  return outputsOf(template)
    .filter(({ name }) => !read.has(name))
    .map(({ name, line }) => {
      const message = `no template that uses this module reads its output ${name}`;
      return findingIn(template, "module-output-unused", line, name, message);
    });
}

function neverCalled(template: Template): Finding[] {
  const message = "no template uses this module";
  return [findingIn(template, "unused-symbol", 1, template.file, message)];
}
