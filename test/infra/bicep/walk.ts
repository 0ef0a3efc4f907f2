import type { Declaration, Expression, ResourceDeclaration } from "./syntax.ts";

/** Names that only a part of a template knows: of loops, lambdas, function parameters. */
export type Locals = ReadonlySet<string>;

export type Visit = (expression: Expression, locals: Locals) => void;

const none: Locals = new Set();

/** Visits an expression and everything inside it, outermost first. */
export function walk(expression: Expression, visit: Visit, locals: Locals = none): void {
  visit(expression, locals);
  const go = (inner: Expression, further: Locals = locals) => walk(inner, visit, further);
  switch (expression.kind) {
    case "string":
      for (const part of expression.parts) if (typeof part !== "string") go(part);
      return;
    case "member":
    case "nested-resource":
      go(expression.object);
      return;
    case "element":
      go(expression.object);
      go(expression.index);
      return;
    case "call":
      // A function's name is no value; a resource's or namespace's is.
      if (expression.callee.kind !== "name") go(expression.callee);
      for (const argument of expression.arguments) go(argument);
      return;
    case "object":
      for (const { key, value } of expression.properties) {
        go(key);
        go(value);
      }
      for (const resource of expression.resources) {
        for (const inner of expressionsOf(resource)) go(inner);
      }
      return;
    case "array":
      for (const item of expression.items) go(item);
      return;
    case "loop":
      go(expression.over);
      go(expression.body, union(locals, expression.variables));
      return;
    case "condition":
      go(expression.test);
      go(expression.body);
      return;
    case "ternary":
      go(expression.test);
      go(expression.consequence);
      go(expression.alternative);
      return;
    case "binary":
      go(expression.left);
      go(expression.right);
      return;
    case "unary":
      go(expression.argument);
      return;
    case "lambda":
      go(expression.body, union(locals, expression.parameters));
      return;
    default:
      return;
  }
}

/** Every expression that a declaration holds directly, its decorators' arguments included. */
function expressionsOf(declaration: Declaration): Expression[] {
  const decorated = declaration.decorators.flatMap((decorator) => decorator.arguments);
  switch (declaration.kind) {
    case "parameter":
      return declaration.default === undefined ? decorated : [...decorated, declaration.default];
    case "variable":
    case "output":
      return [...decorated, declaration.value];
    case "resource":
    case "module":
      return [...decorated, declaration.body];
    default:
      return decorated;
  }
}

export function walkDeclaration(declaration: Declaration, visit: Visit): void {
  for (const expression of expressionsOf(declaration)) walk(expression, visit);
}

/** A template's resources with those declared inside others, each with what stands around it. */
export function resourcesIn(
  declarations: readonly Declaration[],
): { resource: ResourceDeclaration; around: ResourceDeclaration | undefined }[] {
  const found: { resource: ResourceDeclaration; around: ResourceDeclaration | undefined }[] = [];
  const add = (resource: ResourceDeclaration, around: ResourceDeclaration | undefined) => {
    found.push({ resource, around });
    let { body } = resource;
    while (body.kind === "loop" || body.kind === "condition") body = body.body;
    if (body.kind === "object") for (const inner of body.resources) add(inner, resource);
  };
  for (const declaration of declarations) {
    if (declaration.kind === "resource") add(declaration, undefined);
  }
  return found;
}

function union(locals: Locals, names: readonly string[]): Locals {
  return new Set([...locals, ...names]);
}
