import type { Node } from "web-tree-sitter";
import type {
  Decorator,
  Expression,
  LoopExpression,
  Property,
  ResourceDeclaration,
  StringExpression,
} from "./syntax.ts";

export type Report = (line: number, message: string) => void;

/** Parses an expression by itself, so that its first line is the given row, counted from 0. */
export type ReadAgain = (expression: string, row: number) => Node | undefined;

export interface ExpressionReader {
  readonly expressionOf: (node: Node | undefined) => Expression;
  /** Of a run of decorators, one node for all. */
  readonly decoratorsOf: (node: Node) => Decorator[];
}

/** How tightly an operator binds; the language's own order, not the grammar's. */
const precedence: Readonly<Record<string, number>> = {
  lambda: 0,
  ternary: 1,
  "??": 2,
  "||": 3,
  "&&": 4,
  "==": 5,
  "!=": 5,
  "=~": 5,
  "!~": 5,
  "<": 6,
  "<=": 6,
  ">": 6,
  ">=": 6,
  "+": 7,
  "-": 7,
  "*": 8,
  "/": 8,
  "%": 8,
  unary: 9,
  postfix: 10,
};

/**
 * Reads expressions out of the parser's tree. The grammar lets a property access bind more loosely
 * than an operator (`!a.b` is read as `(!a).b`) and knows no line ends; the first is put right, the
 * second reported where Bicep's own parser would refuse it.
 */
export function createExpressionReader(
  report: Report,
  readAgain: ReadAgain,
  convertResource: (node: Node, decorators: readonly Decorator[]) => ResourceDeclaration,
): ExpressionReader {
  const parenthesized = new WeakSet<Expression>();

  function convert(node: Node | undefined): Expression {
    if (node === undefined) throw new Error("the grammar promises an expression here");
    const line = node.startPosition.row + 1;
    const named = partsOf(node);
    switch (node.type) {
      case "expression":
      case "primary_expression":
      case "nullable_type":
        return convert(named[0]);
      case "parenthesized_expression": {
        const inner = convert(named[0]);
        parenthesized.add(inner);
        return inner;
      }
      case "string":
        return convertString(node);
      case "number":
        return { kind: "number", value: Number(node.text), line };
      case "boolean":
        return { kind: "boolean", value: node.text === "true", line };
      case "null":
        return { kind: "null", line };
      case "identifier":
      case "primitive_type":
        return { kind: "name", name: node.text, line };
      case "member_expression": {
        const property = field(node, "property");
        sameLine(field(node, "object"), property, "a property");
        return attach(convert(field(node, "object")), "postfix", (object) => ({
          kind: "member",
          object,
          property: property?.text ?? "",
          safe: node.children.some(({ type }) => type === ".?" || type === "!"),
          line: (property?.startPosition.row ?? node.startPosition.row) + 1,
        }));
      }
      case "resource_expression": {
        const resource = field(node, "resource")?.text ?? "";
        return attach(convert(field(node, "object")), "postfix", (object) => ({
          kind: "nested-resource",
          object,
          resource,
          line,
        }));
      }
      case "subscript_expression": {
        const bracket = node.children.find(({ type }) => type === "[");
        sameLine(field(node, "object"), bracket, "an index");
        const index = convert(field(node, "index"));
        return attach(convert(field(node, "object")), "postfix", (object) => ({
          kind: "element",
          object,
          index,
          line,
        }));
      }
      case "call_expression": {
        const list = field(node, "arguments");
        sameLine(field(node, "function"), list, "an argument list");
        const given = (list ? partsOf(list) : []).map((argument) => convert(argument));
        return attach(convert(field(node, "function")), "postfix", (callee) => ({
          kind: "call",
          callee,
          arguments: given,
          line: (list?.startPosition.row ?? node.startPosition.row) + 1,
        }));
      }
      case "object":
        return convertObject(node);
      case "array":
        return { kind: "array", items: convertItems(node, named), line };
      case "for_statement":
        return convertLoop(node);
      case "if_statement": {
        const [test, body] = named;
        return { kind: "condition", test: convert(test), body: convert(body), line };
      }
      case "ternary_expression": {
        const consequence = convert(field(node, "consequence"));
        const alternative = convert(field(node, "alternative"));
        for (const sign of node.children.filter(({ type }) => type === "?" || type === ":")) {
          sameLine(sign, sign.nextNamedSibling ?? undefined, "what follows ? or :");
        }
        return attach(convert(field(node, "condition")), "ternary", (test) => ({
          kind: "ternary",
          test,
          consequence,
          alternative,
          line,
        }));
      }
      case "binary_expression": {
        const left = field(node, "left");
        const operator = field(node, "operator");
        const right = field(node, "right");
        sameLine(left, operator, "an operator");
        sameLine(operator, right, "an operand");
        const sign = operator?.text ?? "";
        const rightSide = convert(right);
        return attach(convert(left), sign, (leftSide) => ({
          kind: "binary",
          operator: sign,
          left: leftSide,
          right: rightSide,
          line,
        }));
      }
      case "unary_expression":
        return {
          kind: "unary",
          argument: convert(field(node, "argument")),
          line,
        };
      case "lambda_expression": {
        const [parameters, body] = named;
        return {
          kind: "lambda",
          parameters:
            parameters?.type === "identifier"
              ? [parameters.text]
              : (parameters?.namedChildren ?? []).map(({ text }) => text),
          body: convert(body),
          line,
        };
      }
      default:
        report(line, `${node.type} is a form that these checks do not read`);
        return { kind: "null", line };
    }
  }

  /**
   * Puts an operator behind what was read to its left: behind the whole, or behind that part of it
   * to which the operator binds more tightly.
   */
  function attach(
    left: Expression,
    operator: string,
    make: (left: Expression) => Expression,
  ): Expression {
    if (parenthesized.has(left)) return make(left);
    const strength = precedence[operator] ?? 0;
    const looser = (name: string) => (precedence[name] ?? 0) < strength;
    switch (left.kind) {
      case "lambda":
        return { ...left, body: attach(left.body, operator, make) };
      case "ternary":
        // The conditional operator groups to the right.
        return looser("ternary") || operator === "ternary"
          ? { ...left, alternative: attach(left.alternative, operator, make) }
          : make(left);
      case "binary":
        return looser(left.operator)
          ? { ...left, right: attach(left.right, operator, make) }
          : make(left);
      case "unary":
        return looser("unary")
          ? { ...left, argument: attach(left.argument, operator, make) }
          : make(left);
      default:
        return make(left);
    }
  }

  /**
   * The grammar reads `[f(x)]` as two items, `f` and `(x)`. Without anything between them they are
   * one, which is read again where it cannot be taken for a list.
   */
  function convertItems(node: Node, items: readonly Node[]): Expression[] {
    const runs: Node[][] = [];
    for (const item of items) {
      const run = runs.at(-1);
      if (run?.at(-1)?.endIndex === item.startIndex) run.push(item);
      else runs.push([item]);
    }
    const whole = runs.map((run) => {
      const [first, last] = [run[0], run.at(-1)];
      if (first === undefined || last === undefined || first === last) return first;
      const from = first.startIndex - node.startIndex;
      const text = node.text.slice(from, last.endIndex - node.startIndex);
      return readAgain(text, first.startPosition.row);
    });
    const extents = runs.flatMap((run) => {
      const [first, last] = [run[0], run.at(-1)];
      if (first === undefined || last === undefined) return [];
      const { endIndex, endRow } = extentOf(last);
      return [{ ...extentOf(first), endIndex, endRow }];
    });
    separated(node, extents);
    return whole.map((item) => convert(item));
  }

  function convertString(node: Node): StringExpression {
    const line = node.startPosition.row + 1;
    const { text } = node;
    if (text.startsWith("'''")) {
      return { kind: "string", parts: [text.slice(3, -3).replace(/^\r?\n/, "")], line };
    }
    const parts: (string | Expression)[] = [];
    let from = 1;
    for (const interpolation of node.namedChildren.filter(({ type }) => type === "interpolation")) {
      if (interpolation.startPosition.row !== interpolation.endPosition.row) {
        report(interpolation.startPosition.row + 1, "an interpolation stays on one line");
      }
      parts.push(unescaped(text.slice(from, interpolation.startIndex - node.startIndex)));
      parts.push(convert(interpolation.namedChildren[0]));
      from = interpolation.endIndex - node.startIndex;
    }
    parts.push(unescaped(text.slice(from, -1)));
    return { kind: "string", parts: parts.filter((part) => part !== ""), line };
  }

  function convertObject(node: Node): Expression {
    const properties: Property[] = [];
    const resources: ResourceDeclaration[] = [];
    const members = partsOf(node);
    separated(node, members.filter(({ type }) => type === "object_property").map(extentOf));
    let decorators: Decorator[] = [];
    for (const member of members) {
      const named = partsOf(member);
      if (member.type === "decorators") {
        decorators = convertDecorators(member);
        continue;
      }
      const [key, value] = named;
      if (key?.type === "resource_declaration") {
        resources.push(convertResource(key, decorators));
      } else if (key !== undefined) {
        sameLine(key, value, "a property's value");
        if (/^'[A-Za-z_]\w*'$/.test(key.text)) {
          report(key.startPosition.row + 1, `${key.text} needs no quotation marks`);
        }
        properties.push({
          key:
            key.type === "string"
              ? convertString(key)
              : { kind: "string", parts: [key.text], line: key.startPosition.row + 1 },
          value: convert(value),
          line: key.startPosition.row + 1,
        });
      }
      decorators = [];
    }
    return { kind: "object", properties, resources, line: node.startPosition.row + 1 };
  }

  function convertDecorators(node: Node): Decorator[] {
    return node.namedChildren.map((decorator) => {
      const call = convert(decorator.namedChildren[0]);
      if (call.kind !== "call") throw new Error("the grammar promises a call here");
      const { callee } = call;
      const name =
        callee.kind === "member" && callee.object.kind === "name"
          ? `${callee.object.name}.${callee.property}`
          : callee.kind === "name"
            ? callee.name
            : "?";
      return { name, arguments: call.arguments, line: decorator.startPosition.row + 1 };
    });
  }

  function convertLoop(node: Node): LoopExpression {
    const pair = node.namedChildren.find(({ type }) => type === "for_loop_parameters");
    const single = field(node, "initializer");
    const body = field(node, "body");
    const over = partsOf(node).find(
      (child) => child.id !== pair?.id && child.id !== single?.id && child.id !== body?.id,
    );
    return {
      kind: "loop",
      variables:
        pair === undefined
          ? single === undefined
            ? []
            : [single.text]
          : pair.namedChildren.map(({ text }) => text),
      over: convert(over),
      body: convert(body),
      line: node.startPosition.row + 1,
    };
  }

  function sameLine(before: Node | undefined, after: Node | undefined, what: string): void {
    if (before && after && before.endPosition.row !== after.startPosition.row) {
      report(after.startPosition.row + 1, `${what} stands on another line than what it belongs to`);
    }
  }

  /** Members are separated by line ends or by commas, never by both. */
  function separated(node: Node, members: readonly Extent[]): void {
    const commas = node.children.filter(({ type }) => type === ",");
    for (const [index, member] of members.entries()) {
      const next = members[index + 1];
      const comma = commas.some(
        ({ startIndex }) =>
          startIndex >= member.endIndex && (next === undefined || startIndex < next.startIndex),
      );
      if (next === undefined) {
        if (comma) report(member.endRow + 1, "a comma stands behind the last member");
        continue;
      }
      const sameRow = member.endRow === next.startRow;
      if (sameRow && !comma) report(next.startRow + 1, "a comma or a line end is missing");
      if (!sameRow && comma) report(member.endRow + 1, "a comma stands at a line's end");
    }
  }

  return { expressionOf: convert, decoratorsOf: convertDecorators };
}

function field(node: Node, name: string): Node | undefined {
  return node.childForFieldName(name) ?? undefined;
}

/** A node's parts that mean something. */
export function partsOf(node: Node): Node[] {
  return node.namedChildren.filter(({ type }) => !type.endsWith("comment"));
}

interface Extent {
  readonly startIndex: number;
  readonly endIndex: number;
  readonly startRow: number;
  readonly endRow: number;
}

function extentOf({ startIndex, endIndex, startPosition, endPosition }: Node): Extent {
  return { startIndex, endIndex, startRow: startPosition.row, endRow: endPosition.row };
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

function unescaped(text: string): string {
  return text.replace(/\\(?:u\{([0-9a-fA-F]+)\}|(.))/g, (_, code?: string, character = "") =>
    code === undefined
      ? (escapes[character] ?? character)
      : String.fromCodePoint(Number.parseInt(code, 16)),
  );
}
