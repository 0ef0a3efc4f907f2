import { callsOf, type Project, pathFrom } from "./project.ts";
import {
  bodyOf,
  declarationNamed,
  type Expression,
  literalText,
  type ModuleDeclaration,
  type OutputDeclaration,
  propertyOf,
  type ResourceDeclaration,
  type StringExpression,
  symbolOf,
  type Template,
  valueAt,
} from "./syntax.ts";

/** What loop and lambda variables may stand for. */
export type Bindings = ReadonlyMap<string, readonly Located[]>;

/** An expression and what its names mean. */
export interface Located {
  readonly expression: Expression;
  readonly template: Template;
  readonly bindings: Bindings;
}

const unbound: Bindings = new Map();
/** Deeper than any template here; a cycle, reported elsewhere, ends so. */
const maximumDepth = 40;

export function located(template: Template, expression: Expression): Located {
  return { expression, template, bindings: unbound };
}

/** A resource's or module's object, its loop variable bound to everything that the loop goes over. */
export function locatedBody(
  project: Project,
  template: Template,
  declaration: ResourceDeclaration | ModuleDeclaration,
): Located {
  let bindings = unbound;
  for (let { body } = declaration; body.kind === "loop" || body.kind === "condition"; ) {
    if (body.kind === "loop") {
      const items = itemsOf(project, { expression: body.over, template, bindings });
      const [item] = body.variables;
      // Unbound, the variable stands for itself, and nothing is taken for granted.
      if (item !== undefined && items.length > 0) bindings = new Map([...bindings, [item, items]]);
    }
    body = body.body;
  }
  return { expression: bodyOf(declaration), template, bindings };
}

/** The same once for every turn of its loop, as far as what the loop goes over can be told. */
export function turnsOf(body: Located): Located[] {
  const [bound] = body.bindings;
  if (bound === undefined) return [body];
  const [name, items] = bound;
  return items.map((item) => ({ ...body, bindings: new Map([...body.bindings, [name, [item]]]) }));
}

/**
 * Everything that an expression may come to, followed through variables, parameters (into every
 * module call and into defaults), module outputs, object members, conditions and loaded JSON. What
 * cannot be followed further stands for itself.
 */
export function possibleValues(project: Project, at: Located, depth = 0): Located[] {
  if (depth > maximumDepth) return [at];
  const { expression, template } = at;
  const follow = (next: Expression, from: Located = at) =>
    possibleValues(project, { ...from, expression: next }, depth + 1);
  switch (expression.kind) {
    case "name": {
      const bound = at.bindings.get(expression.name);
      if (bound !== undefined) {
        return bound.flatMap((value) => possibleValues(project, value, depth + 1));
      }
      return namedValues(project, at, expression.name).flatMap((value) =>
        value === at ? [at] : possibleValues(project, value, depth + 1),
      );
    }
    case "ternary":
      return [...follow(expression.consequence), ...follow(expression.alternative)];
    case "binary":
      return expression.operator === "??"
        ? [...follow(expression.left), ...follow(expression.right)]
        : [at];
    case "member": {
      const read = moduleOutput(project, template, expression);
      if (read) return possibleValues(project, located(read.target, read.output.value), depth + 1);
      const named = resourceName(at);
      if (named !== undefined) return follow(named);
      const owners = follow(expression.object);
      return owners.flatMap((owner) => {
        const value = propertyOf(owner.expression, expression.property)?.value;
        return value === undefined ? [at] : follow(value, owner);
      });
    }
    case "call": {
      const loaded = loadedJson(project, at);
      if (loaded !== undefined) return [loaded];
      const name = expression.callee.kind === "name" ? expression.callee.name : undefined;
      const [only] = expression.arguments;
      if ((name === "any" || name === "toLower" || name === "string") && only) return follow(only);
      return [at];
    }
    default:
      return [{ ...at, template }];
  }
}

function namedValues(project: Project, at: Located, name: string): Located[] {
  const { template } = at;
  const declaration = declarationNamed(template, name);
  switch (declaration?.kind) {
    case "variable":
      return [located(template, declaration.value)];
    case "parameter": {
      const given = callsOf(project, template).map(({ caller, module }) => {
        const argument = valueAt(bodyOf(module), "params", name);
        if (argument === undefined) return undefined;
        return { ...locatedBody(project, caller, module), expression: argument };
      });
      // The main template's come from outside, whatever their defaults.
      const outside = given.length === 0;
      const fallback = outside || given.includes(undefined) ? declaration.default : undefined;
      return [
        ...given.filter((value) => value !== undefined),
        ...(fallback === undefined ? [] : [located(template, fallback)]),
        ...(outside ? [at] : []),
      ];
    }
    default:
      return [at];
  }
}

/** What `module.outputs.name` reads, and the module's own template. */
export function moduleOutput(
  project: Project,
  template: Template,
  expression: Expression,
): { readonly target: Template; readonly output: OutputDeclaration } | undefined {
  if (expression.kind !== "member" || expression.object.kind !== "member") return undefined;
  if (expression.object.property !== "outputs") return undefined;
  const owner = symbolOf(expression.object.object);
  const module = owner === undefined ? undefined : declarationNamed(template, owner);
  if (module?.kind !== "module") return undefined;
  const target = project.templates.get(pathFrom(template, module.path));
  const output = target?.declarations.find(
    (other) => other.kind === "output" && other.name === expression.property,
  );
  return target && output?.kind === "output" ? { target, output } : undefined;
}

/** What `resource.name` comes to. */
function resourceName({ expression, template }: Located): Expression | undefined {
  if (expression.kind !== "member" || expression.property !== "name") return undefined;
  const { object } = expression;
  if (object.kind !== "name") return undefined;
  const resource = declarationNamed(template, object.name);
  return resource?.kind === "resource" ? valueAt(bodyOf(resource), "name") : undefined;
}

/** The path that `loadJsonContent` is given, from the repository's root. */
export function loadedPath(at: Located): string | undefined {
  const { expression, template } = at;
  if (expression.kind !== "call" || expression.callee.kind !== "name") return undefined;
  if (expression.callee.name !== "loadJsonContent") return undefined;
  const path = literalText(expression.arguments[0]);
  return path === undefined ? undefined : pathFrom(template, path);
}

function loadedJson(project: Project, at: Located): Located | undefined {
  const path = loadedPath(at);
  const text = path === undefined ? undefined : project.files.get(path);
  if (text === undefined || at.expression.kind !== "call") return undefined;
  // A part of the document, or another encoding, is not followed.
  if (at.expression.arguments.length > 1) return undefined;
  return { ...at, expression: expressionOfJson(JSON.parse(text), at.expression.line) };
}

function expressionOfJson(value: unknown, line: number): Expression {
  const text = (content: string): StringExpression => ({ kind: "string", parts: [content], line });
  if (typeof value === "string") return text(value);
  if (typeof value === "number") return { kind: "number", value, line };
  if (typeof value === "boolean") return { kind: "boolean", value, line };
  if (value === null || typeof value !== "object") return { kind: "null", line };
  if (Array.isArray(value)) {
    return { kind: "array", items: value.map((item) => expressionOfJson(item, line)), line };
  }
  const properties = Object.entries(value).map(([key, inner]) => ({
    key: text(key),
    value: expressionOfJson(inner, line),
    line,
  }));
  return { kind: "object", properties, resources: [], line };
}

/** The items that a collection may have, as far as array literals tell. */
export function itemsOf(project: Project, at: Located): Located[] {
  return possibleValues(project, at).flatMap((value) => {
    const { expression } = value;
    if (expression.kind === "array") {
      return expression.items.map((item) => ({ ...value, expression: item }));
    }
    if (expression.kind === "loop") {
      const [variable] = expression.variables;
      return itemsOf(project, { ...value, expression: expression.over }).map((item) => ({
        ...value,
        expression: expression.body,
        bindings:
          variable === undefined
            ? value.bindings
            : new Map([...value.bindings, [variable, [item]]]),
      }));
    }
    if (expression.kind === "call" && expression.callee.kind === "name") {
      const passing = ["concat", "union", "filter", "flatten"];
      if (passing.includes(expression.callee.name)) {
        return expression.arguments
          .filter(({ kind }) => kind !== "lambda")
          .flatMap((argument) => itemsOf(project, { ...value, expression: argument }));
      }
    }
    return [];
  });
}

/**
 * Every text that an expression may come to. A part that is known only at deployment appears as
 * `{…}`, with its last name inside.
 */
export function possibleTexts(project: Project, at: Located): string[] {
  const texts = possibleValues(project, at).flatMap((value): string[] => {
    const { expression } = value;
    switch (expression.kind) {
      case "string":
        return expression.parts.reduce<string[]>(
          (prefixes, part) => {
            const suffixes =
              typeof part === "string"
                ? [part]
                : possibleTexts(project, { ...value, expression: part });
            return prefixes.flatMap((prefix) => suffixes.map((suffix) => prefix + suffix));
          },
          [""],
        );
      case "number":
      case "boolean":
        return [String(expression.value)];
      case "name":
        return [`{${expression.name}}`];
      case "member":
        return [`{${expression.property}}`];
      case "call":
        return [`{${expression.callee.kind === "name" ? expression.callee.name : "call"}}`];
      default:
        return ["{}"];
    }
  });
  return [...new Set(texts)];
}
