import type { Finding, FindingKind } from "./finding.ts";
import { outputsOf, parametersOf } from "./modules.ts";
import { mainTemplate, type Project, parametersFile } from "./project.ts";
import { decoratorOf, type Template } from "./syntax.ts";
import { allowedValuesOf, type Literal, type SimpleType, simpleTypeOf } from "./types.ts";

/** An environment variable that the parameters file reads. */
export interface Reference {
  readonly variable: string;
  /** What stands for it where it is not set; `undefined` where nothing does. */
  readonly default: string | undefined;
}

/**
 * The one form in which the file refers to the environment: the whole value, `${NAME}` or
 * `${NAME=default}`.
 * Source: https://learn.microsoft.com/azure/developer/azure-developer-cli/manage-environment-variables
 */
const reference = /^\$\{([A-Z][A-Z0-9_]*)(?:=([^${}]*))?\}$/;

/** The parameters file and the main template's parameters are the same set, and fit. */
export function checkParametersFile(project: Project): Finding[] {
  const text = project.files.get(parametersFile);
  const template = project.templates.get(mainTemplate);
  if (text === undefined || template === undefined) {
    return [problem("parameters-file", 1, parametersFile, "the file or its template is not there")];
  }
  const entries = readEntries(text);
  if (entries === undefined) {
    return [problem("parameters-file", 1, parametersFile, "the file is no parameters document")];
  }
  const declared = new Map(parametersOf(template).map((each) => [each.name, each]));
  const findings: Finding[] = [];
  for (const name of declared.keys()) {
    if (Object.hasOwn(entries, name)) continue;
    const message = `${name} is declared by ${mainTemplate} and cannot be set by the environment`;
    findings.push(problem("parameters-file-missing-entry", 1, name, message));
  }
  const variables = new Map<string, string>();
  for (const [name, value] of Object.entries(entries)) {
    const line = lineOf(text, name);
    const report = (message: string) => {
      findings.push(problem("parameters-file", line, name, `${name} ${message}`));
    };
    const parameter = declared.get(name);
    if (parameter === undefined) {
      const message = `${name} is no parameter of ${mainTemplate}`;
      findings.push(problem("parameters-file-unknown-entry", line, name, message));
      continue;
    }
    const found = typeof value === "string" ? reference.exec(value) : null;
    if (typeof value !== "string" || found === null) {
      report(`is not taken from one environment variable, as $\{NAME} or $\{NAME=default}`);
      continue;
    }
    const [, variable = "", fallback] = found;
    const other = variables.get(variable);
    if (other !== undefined) report(`reads ${variable}, as ${other} does`);
    variables.set(variable, name);
    // Without one, what is not set is left to the template.
    if (fallback === undefined) continue;
    const type = simpleTypeOf(template, parameter.type);
    if (type === undefined) continue;
    const literal = read(fallback, type);
    if (literal === undefined) {
      report(`is of type ${type}, and ${JSON.stringify(fallback)} is none`);
      continue;
    }
    const allowed = allowedValuesOf(parameter);
    if (allowed !== undefined && !allowed.includes(literal)) {
      report(`may be ${allowed.join(", ")}, not ${JSON.stringify(literal)}`);
    }
    for (const [bound, wrong] of bounds) {
      const limit = decoratorOf(parameter, bound)?.arguments[0];
      if (limit?.kind === "number" && wrong(literal, limit.value)) {
        report(`breaks @${bound}(${limit.value}) with ${JSON.stringify(literal)}`);
      }
    }
    const inTemplate = parameter.default;
    const own =
      inTemplate?.kind === "number" || inTemplate?.kind === "boolean"
        ? inTemplate.value
        : inTemplate?.kind === "string" &&
            inTemplate.parts.every((part) => typeof part === "string")
          ? inTemplate.parts.join("")
          : undefined;
    if (own !== undefined && own !== literal) {
      report(
        `is ${JSON.stringify(literal)} by default, but ${JSON.stringify(own)} in the template`,
      );
    }
  }
  return [...findings, ...feedBack(template, variables)];
}

/** Outputs that are the very value that the parameter of the same variable was given. */
const passedThrough = ["AZURE_LOCATION"];

/**
 * azd keeps outputs among the variables that feed the parameters: an output named like one would
 * turn what one deployment found into what the next is told.
 */
function feedBack(template: Template, variables: ReadonlyMap<string, string>): Finding[] {
  return outputsOf(template)
    .filter(({ name }) => variables.has(name) && !passedThrough.includes(name))
    .map(({ name, line }) => ({
      kind: "output-feeds-back",
      file: template.file,
      line,
      subject: name,
      message: `the output ${name} would set the parameter ${variables.get(name)} next time`,
    }));
}

const bounds: readonly (readonly [string, (value: Literal, limit: number) => boolean])[] = [
  ["minValue", (value, limit) => typeof value === "number" && value < limit],
  ["maxValue", (value, limit) => typeof value === "number" && value > limit],
  ["minLength", (value, limit) => typeof value === "string" && value.length < limit],
  ["maxLength", (value, limit) => typeof value === "string" && value.length > limit],
];

/** A text of the environment as the parameter's type; azd turns it so before it deploys. */
function read(text: string, type: SimpleType): Literal | undefined {
  switch (type) {
    case "int":
      return /^-?\d+$/.test(text) ? Number(text) : undefined;
    case "bool":
      return text === "true" || text === "false" ? text === "true" : undefined;
    case "string":
      return text;
    default:
      return undefined;
  }
}

/** Every environment variable that the parameters file names. */
export function environmentVariables(text: string): Reference[] {
  return Object.values(readEntries(text) ?? {}).flatMap((value) => {
    const found = typeof value === "string" ? reference.exec(value) : null;
    return found === null ? [] : [{ variable: found[1] ?? "", default: found[2] }];
  });
}

function readEntries(text: string): Record<string, unknown> | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(document) || !isObject(document.parameters)) return undefined;
  return Object.fromEntries(
    Object.entries(document.parameters).map(([name, entry]) => [
      name,
      isObject(entry) ? entry.value : undefined,
    ]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function lineOf(text: string, name: string): number {
  return text.slice(0, Math.max(0, text.indexOf(`"${name}"`))).split("\n").length;
}

function problem(kind: FindingKind, line: number, subject: string, message: string): Finding {
  return { kind, file: parametersFile, line, subject, message };
}
