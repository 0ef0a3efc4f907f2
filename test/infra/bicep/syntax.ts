/**
 * What a Bicep template says, as data: declarations and expressions without the parser's nesting.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/bicep/file
 */

export type Expression =
  | StringExpression
  | { readonly kind: "number"; readonly value: number; readonly line: number }
  | { readonly kind: "boolean"; readonly value: boolean; readonly line: number }
  | { readonly kind: "null"; readonly line: number }
  | NameExpression
  | MemberExpression
  | {
      readonly kind: "element";
      readonly object: Expression;
      readonly index: Expression;
      readonly line: number;
    }
  | {
      readonly kind: "nested-resource";
      readonly object: Expression;
      readonly resource: string;
      readonly line: number;
    }
  | CallExpression
  | ObjectExpression
  | { readonly kind: "array"; readonly items: readonly Expression[]; readonly line: number }
  | LoopExpression
  | ConditionExpression
  | TernaryExpression
  | {
      readonly kind: "binary";
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
      readonly line: number;
    }
  | { readonly kind: "unary"; readonly argument: Expression; readonly line: number }
  | {
      readonly kind: "lambda";
      readonly parameters: readonly string[];
      readonly body: Expression;
      readonly line: number;
    };

export interface StringExpression {
  readonly kind: "string";
  /** Texts, unescaped, and interpolated expressions in their order. */
  readonly parts: readonly (string | Expression)[];
  readonly line: number;
}

export interface NameExpression {
  readonly kind: "name";
  readonly name: string;
  readonly line: number;
}

export interface MemberExpression {
  readonly kind: "member";
  readonly object: Expression;
  readonly property: string;
  /** Whether `.?`, or `!` before it, allows for an object that is not there. */
  readonly safe: boolean;
  readonly line: number;
}

export interface CallExpression {
  readonly kind: "call";
  readonly callee: Expression;
  readonly arguments: readonly Expression[];
  readonly line: number;
}

export interface ObjectExpression {
  readonly kind: "object";
  readonly properties: readonly Property[];
  /** Resources declared inside a resource's body. */
  readonly resources: readonly ResourceDeclaration[];
  readonly line: number;
}

export interface Property {
  readonly key: StringExpression;
  readonly value: Expression;
  readonly line: number;
}

export interface LoopExpression {
  readonly kind: "loop";
  readonly variables: readonly string[];
  readonly over: Expression;
  readonly body: Expression;
  readonly line: number;
}

/** `if (test) { … }` as the body of a resource or module. */
export interface ConditionExpression {
  readonly kind: "condition";
  readonly test: Expression;
  readonly body: Expression;
  readonly line: number;
}

export interface TernaryExpression {
  readonly kind: "ternary";
  readonly test: Expression;
  readonly consequence: Expression;
  readonly alternative: Expression;
  readonly line: number;
}

export type TypeExpression =
  | { readonly kind: "named"; readonly name: string; readonly line: number }
  | { readonly kind: "literal"; readonly value: string | number | boolean | null }
  | { readonly kind: "array-of"; readonly item: TypeExpression }
  | { readonly kind: "nullable"; readonly inner: TypeExpression }
  | { readonly kind: "one-of"; readonly members: readonly TypeExpression[] }
  | { readonly kind: "object-of"; readonly properties: readonly TypeProperty[] };

export interface TypeProperty {
  /** `undefined` for `*`, every further name. */
  readonly name: string | undefined;
  readonly type: TypeExpression;
}

export interface Decorator {
  readonly name: string;
  readonly arguments: readonly Expression[];
  readonly line: number;
}

interface Declared {
  readonly name: string;
  readonly decorators: readonly Decorator[];
  readonly line: number;
}

export interface ParameterDeclaration extends Declared {
  readonly kind: "parameter";
  readonly type: TypeExpression;
  readonly default: Expression | undefined;
}

export interface VariableDeclaration extends Declared {
  readonly kind: "variable";
  readonly value: Expression;
}

export interface ResourceDeclaration extends Declared {
  readonly kind: "resource";
  /** As written: for a resource inside another it may lack provider and version. */
  readonly type: string;
  readonly existing: boolean;
  readonly body: Expression;
}

export interface ModuleDeclaration extends Declared {
  readonly kind: "module";
  /** The path as written, relative to the template. */
  readonly path: string;
  readonly body: Expression;
}

export interface OutputDeclaration extends Declared {
  readonly kind: "output";
  readonly type: TypeExpression;
  readonly value: Expression;
}

export interface TypeDeclaration extends Declared {
  readonly kind: "type";
  readonly type: TypeExpression;
}

export type Declaration =
  | ParameterDeclaration
  | VariableDeclaration
  | ResourceDeclaration
  | ModuleDeclaration
  | OutputDeclaration
  | TypeDeclaration;

export interface Template {
  /** From the repository's root, with forward slashes. */
  readonly file: string;
  readonly targetScope: string;
  /** Names under which `extension` lines bring a namespace in. */
  readonly extensions: readonly { readonly name: string; readonly line: number }[];
  readonly declarations: readonly Declaration[];
}

/** The text of a string without interpolation; `undefined` for anything else. */
export function literalText(expression: Expression | undefined): string | undefined {
  if (expression?.kind !== "string") return undefined;
  return expression.parts.every((part) => typeof part === "string")
    ? expression.parts.join("")
    : undefined;
}

export function propertyOf(expression: Expression | undefined, name: string): Property | undefined {
  if (expression?.kind !== "object") return undefined;
  return expression.properties.find(({ key }) => literalText(key) === name);
}

/** The value at a path of property names, as far as object literals lead. */
export function valueAt(
  expression: Expression | undefined,
  ...path: readonly string[]
): Expression | undefined {
  return path.reduce<Expression | undefined>(
    (found, name) => propertyOf(found, name)?.value,
    expression,
  );
}

/** The object that a resource or module declares, whatever loop or condition stands around it. */
export function bodyOf(declaration: ResourceDeclaration | ModuleDeclaration): Expression {
  let { body } = declaration;
  while (body.kind === "loop" || body.kind === "condition") body = body.body;
  return body;
}

/** The symbol that an expression names, as itself or by one of its elements. */
export function symbolOf(expression: Expression): string | undefined {
  const named = expression.kind === "element" ? expression.object : expression;
  return named.kind === "name" ? named.name : undefined;
}

/** What a name means in a template; outputs have names of their own. */
export function declarationNamed(template: Template, name: string): Declaration | undefined {
  return template.declarations.find((other) => other.kind !== "output" && other.name === name);
}

export function decoratorOf(declaration: Declared, name: string): Decorator | undefined {
  return declaration.decorators.find((decorator) => decorator.name === name);
}
