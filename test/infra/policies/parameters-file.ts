import { type Infrastructure, parametersFile } from "../bicep/infrastructure.ts";
import {
  at,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  objectAt,
  textAt,
} from "../bicep/json.ts";
import type { Finding } from "./finding.ts";

/**
 * The one form in which the file refers to the environment: the whole value, `${NAME}` or
 * `${NAME=default}`.
 * Source: https://learn.microsoft.com/azure/developer/azure-developer-cli/manage-environment-variables
 */
const reference = /^\$\{([A-Z][A-Z0-9_]*)(?:=([^${}]*))?\}$/;

/** Outputs that are the very value that the parameter of the same variable was given. */
const passedThrough = ["AZURE_LOCATION"];

/** The parameters file and the main template's parameters are the same set, and fit. */
export function checkParametersFile({ template, ...infrastructure }: Infrastructure): Finding[] {
  const entries = objectAt(infrastructure.parametersFile, "parameters");
  const declared = objectAt(template, "parameters");
  const variables = variablesOf(infrastructure.parametersFile);
  const problem = (name: string, message: string): Finding => {
    return { kind: "parameters-file", place: `${parametersFile} ${name}`, message };
  };
  return [
    ...Object.keys(declared)
      .filter((name) => !Object.hasOwn(entries, name))
      .map((name) => problem(name, "is a parameter that the environment cannot set")),
    ...Object.entries(entries).flatMap(([name, entry]) => {
      const parameter = declared[name];
      if (!isObject(parameter)) return [problem(name, "is no parameter of the template")];
      return valuesOf(entry).flatMap((value) =>
        problemsOf(parameter, value).map((each) => problem(name, each)),
      );
    }),
    ...variables
      .filter(({ variable, name }) =>
        variables.some((other) => other.variable === variable && other.name < name),
      )
      .map(({ variable, name }) => problem(name, `reads ${variable}, as another does`)),
    // azd would offer every region, and the deployment would fail in those without the plan.
    ...Object.entries(declared)
      .filter(([, each]) => at(each, "metadata.azd.type") === "location")
      .filter(([, each]) => listAt(each, "allowedValues").length === 0)
      .map(([name]) => problem(name, "may be a region without the Flex Consumption plan")),
    // azd keeps outputs among the variables that feed the parameters: what one deployment found
    // would be what the next is told.
    ...variables
      .filter(({ variable }) => Object.hasOwn(objectAt(template, "outputs"), variable))
      .filter(({ variable }) => !passedThrough.includes(variable))
      .map(({ variable, name }): Finding => {
        const message = `would set the parameter ${name} next time`;
        return { kind: "output-feeds-back", place: `main outputs.${variable}`, message };
      }),
  ];
}

/** The environment variables that the file names, each with its parameter. */
export function variablesOf(file: JsonObject): { variable: string; name: string }[] {
  return Object.entries(objectAt(file, "parameters")).flatMap(([name, entry]) => {
    return valuesOf(entry).flatMap((value) => {
      const variable = reference.exec(value)?.[1];
      return variable === undefined ? [] : [{ variable, name }];
    });
  });
}

/** What the file gives a parameter: one text, or a text for each member of an object. */
function valuesOf(entry: Json): string[] {
  const value = at(entry, "value");
  return isObject(value) ? Object.keys(value).map((name) => textAt(value, name)) : [String(value)];
}

function problemsOf(parameter: JsonObject, value: string): string[] {
  const found = reference.exec(value);
  if (found === null) return ["is not taken from one environment variable"];
  const fallback = found[2];
  // Without one, what is not set is left to the template.
  if (fallback === undefined) return [];
  const type = textAt(parameter, "type");
  const given = read(fallback, type);
  if (given === undefined) return [`is of type ${type}, and ${fallback} is none`];
  const size = typeof given === "string" ? given.length : Number(given);
  const allowed = listAt(parameter, "allowedValues");
  const { minValue, maxValue, minLength, maxLength, defaultValue } = parameter;
  const least = minValue ?? minLength;
  const most = maxValue ?? maxLength;
  return [
    ...(allowed.length > 0 && !allowed.includes(given) ? [`may not be ${fallback}`] : []),
    ...(typeof least === "number" && size < least ? [`is less than ${least}`] : []),
    ...(typeof most === "number" && size > most ? [`is more than ${most}`] : []),
    ...(defaultValue !== undefined && defaultValue !== given
      ? [`is ${fallback} by default, but ${defaultValue} in the template`]
      : []),
  ];
}

/** A text of the environment as the parameter's type. azd drops what is none; the hook before it refuses it. */
function read(text: string, type: string): Json | undefined {
  if (type === "string") return text;
  if (type === "int") return /^-?\d+$/.test(text) ? Number(text) : undefined;
  return text === "true" || text === "false" ? text === "true" : undefined;
}
