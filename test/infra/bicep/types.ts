import type { Project } from "./project.ts";
import {
  declarationNamed,
  decoratorOf,
  type Expression,
  literalText,
  type ParameterDeclaration,
  type Template,
  type TypeExpression,
} from "./syntax.ts";
import { moduleOutput } from "./values.ts";

/** The types that can be told without Azure's own: enough to catch a text where a number belongs. */
export type SimpleType = "string" | "int" | "bool" | "array" | "object" | "null";

export type Literal = string | number | boolean | null;

/** A parameter that whoever calls must give. */
export function isRequired(parameter: ParameterDeclaration): boolean {
  return parameter.default === undefined && parameter.type.kind !== "nullable";
}

/** What a parameter may be, where `@allowed` or its type enumerate it. */
export function allowedValuesOf({ decorators, type }: ParameterDeclaration): Literal[] | undefined {
  const allowed = decoratorOf({ decorators, name: "", line: 0 }, "allowed")?.arguments[0];
  if (allowed?.kind === "array") {
    return allowed.items.flatMap((item) => literalOf(item) ?? []);
  }
  return literalsOf(type);
}

function literalsOf(type: TypeExpression): Literal[] | undefined {
  if (type.kind === "literal") return [type.value];
  if (type.kind === "nullable") {
    const inner = literalsOf(type.inner);
    return inner === undefined ? undefined : [...inner, null];
  }
  if (type.kind !== "one-of") return undefined;
  const members = type.members.map((member) => literalsOf(member));
  return members.every((member) => member !== undefined) ? members.flat() : undefined;
}

/** A plain value that an expression is; `undefined` where it has to be evaluated. */
export function literalOf(expression: Expression): Literal | undefined {
  switch (expression.kind) {
    case "number":
    case "boolean":
      return expression.value;
    case "null":
      return null;
    default:
      return literalText(expression);
  }
}

/** The simple type that a declared type comes to; `undefined` where it is several or unknown. */
export function simpleTypeOf(template: Template, type: TypeExpression): SimpleType | undefined {
  switch (type.kind) {
    case "named": {
      if (["string", "int", "bool", "array", "object"].includes(type.name)) {
        return type.name as SimpleType;
      }
      const own = template.declarations.find(
        (declaration) => declaration.kind === "type" && declaration.name === type.name,
      );
      return own?.kind === "type" ? simpleTypeOf(template, own.type) : undefined;
    }
    case "literal":
      return typeOfLiteral(type.value);
    case "array-of":
      return "array";
    case "object-of":
      return "object";
    case "nullable":
      return simpleTypeOf(template, type.inner);
    case "one-of": {
      const members = new Set(type.members.map((member) => simpleTypeOf(template, member)));
      return members.size === 1 ? [...members][0] : undefined;
    }
    default:
      return undefined;
  }
}

function typeOfLiteral(value: Literal): SimpleType {
  if (value === null) return "null";
  if (typeof value === "number") return "int";
  return typeof value === "boolean" ? "bool" : "string";
}

const resultTypes: Readonly<Record<string, SimpleType>> = {
  bool: "bool",
  contains: "bool",
  empty: "bool",
  endsWith: "bool",
  filter: "array",
  format: "string",
  guid: "string",
  int: "int",
  join: "string",
  length: "int",
  map: "array",
  range: "array",
  replace: "string",
  resourceId: "string",
  split: "array",
  startsWith: "bool",
  string: "string",
  subscriptionResourceId: "string",
  toLower: "string",
  toObject: "object",
  toUpper: "string",
  uniqueString: "string",
};

/** The simple type of a value, as far as literals and declarations tell. */
function typeOf(
  project: Project,
  template: Template,
  expression: Expression,
  depth = 0,
): SimpleType | undefined {
  if (depth > 20) return undefined;
  const of = (next: Expression) => typeOf(project, template, next, depth + 1);
  switch (expression.kind) {
    case "string":
      return "string";
    case "number":
      return "int";
    case "boolean":
      return "bool";
    case "null":
      return "null";
    case "array":
    case "loop":
      return "array";
    case "object":
      return "object";
    case "unary":
      return of(expression.argument);
    case "binary":
      if (
        ["==", "!=", "=~", "!~", "<", "<=", ">", ">=", "&&", "||"].includes(expression.operator)
      ) {
        return "bool";
      }
      return expression.operator === "??" ? of(expression.right) : "int";
    case "ternary": {
      const [one, other] = [of(expression.consequence), of(expression.alternative)];
      return one === other ? one : undefined;
    }
    case "call":
      return expression.callee.kind === "name" ? resultTypes[expression.callee.name] : undefined;
    case "name": {
      const declaration = declarationNamed(template, expression.name);
      if (declaration?.kind === "parameter") return simpleTypeOf(template, declaration.type);
      return declaration?.kind === "variable" ? of(declaration.value) : undefined;
    }
    case "member": {
      const read = moduleOutput(project, template, expression);
      return read === undefined ? undefined : simpleTypeOf(read.target, read.output.type);
    }
    default:
      return undefined;
  }
}

/** A declared type without its name, as far as the template itself declares it. */
export function expandedType(template: Template, type: TypeExpression): TypeExpression {
  if (type.kind === "nullable") return expandedType(template, type.inner);
  if (type.kind !== "named") return type;
  const own = template.declarations.find(
    (declaration) => declaration.kind === "type" && declaration.name === type.name,
  );
  return own?.kind === "type" && own.type !== type ? expandedType(template, own.type) : type;
}

/** How a value given in one template does not fit a type declared in another. */
export interface Misfit {
  /** What is wrong, beginning with the name of what it is wrong with. */
  readonly message: string;
  readonly line: number;
}

/**
 * How an object literal, or anything simpler, does not fit a declared type, member by member.
 *
 * @param name of what is given, for the messages
 * @param allowed what it may be, where more than the type tells
 */
export function misfits(
  project: Project,
  from: Template,
  value: Expression,
  to: Template,
  declared: TypeExpression,
  name: string,
  allowed?: readonly Literal[],
): Misfit[] {
  const type = expandedType(to, declared);
  if (value.kind === "object" && type.kind === "object-of") {
    const open = type.properties.find((property) => property.name === undefined);
    const given = new Map(
      value.properties.map((property) => [literalText(property.key) ?? "", property]),
    );
    const missing = type.properties.filter(
      (property) =>
        property.name !== undefined &&
        property.type.kind !== "nullable" &&
        !given.has(property.name),
    );
    return [
      ...missing.map((property) => ({
        message: `${name}.${property.name} is missing`,
        line: value.line,
      })),
      ...[...given].flatMap(([key, property]) => {
        const member = type.properties.find((each) => each.name === key) ?? open;
        return member === undefined
          ? [{ message: `${name}.${key} is not declared`, line: property.line }]
          : misfits(project, from, property.value, to, member.type, `${name}.${key}`);
      }),
    ];
  }
  if (value.kind === "array" && type.kind === "array-of") {
    return value.items.flatMap((item) => misfits(project, from, item, to, type.item, `${name}[]`));
  }
  const problem = misfit(project, from, value, to, declared, allowed ?? literalsOf(type));
  return problem === undefined ? [] : [{ message: `${name} ${problem}`, line: value.line }];
}

/**
 * How a value does not fit a parameter; `undefined` where it fits, or where these checks cannot
 * tell.
 */
function misfit(
  project: Project,
  from: Template,
  value: Expression,
  to: Template,
  type: TypeExpression,
  allowed: readonly Literal[] | undefined,
): string | undefined {
  const wanted = simpleTypeOf(to, type);
  const given = typeOf(project, from, value);
  if (given === "null") {
    return type.kind === "nullable" || wanted === undefined ? undefined : "cannot be null";
  }
  if (wanted !== undefined && given !== undefined && wanted !== given) {
    return `is of type ${wanted}, what it is given of type ${given}`;
  }
  const literal = literalOf(value);
  if (allowed !== undefined && literal !== undefined && !allowed.includes(literal)) {
    return `may be ${allowed.join(", ")}, not ${literal}`;
  }
  return undefined;
}
