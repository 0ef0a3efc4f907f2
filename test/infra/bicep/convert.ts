import type { Node } from "web-tree-sitter";
import {
  createExpressionReader,
  partsOf,
  type ReadAgain,
  type Report,
} from "./convert-expression.ts";
import { convertType } from "./convert-type.ts";
import {
  type Declaration,
  type Decorator,
  type Expression,
  literalText,
  type ResourceDeclaration,
} from "./syntax.ts";

/** Turns the parser's tree into declarations; what Bicep's own parser would refuse is reported. */
export function convertTemplate(
  root: Node,
  report: Report,
  readAgain: ReadAgain,
): { targetScope: string; declarations: readonly Declaration[] } {
  const { expressionOf, decoratorsOf } = createExpressionReader(report, readAgain, convertResource);
  const declarations: Declaration[] = [];
  let targetScope = "resourceGroup";
  let decorators: readonly Decorator[] = [];
  let previous: Node | undefined;

  for (const node of statements(root)) {
    if (previous !== undefined && previous.endPosition.row === node.startPosition.row) {
      report(node.startPosition.row + 1, "a declaration begins on a line of its own");
    }
    previous = node;
    if (node.type === "decorators") {
      decorators = decoratorsOf(node);
      continue;
    }
    if (node.type === "target_scope_assignment") {
      targetScope = literalText(expressionOf(only(node, "string"))) ?? targetScope;
    } else {
      declarations.push(...convertDeclaration(node, decorators));
    }
    decorators = [];
  }
  if (decorators.length > 0) report(root.endPosition.row + 1, "decorators decorate nothing");
  return { targetScope, declarations };

  function convertResource(
    node: Node,
    resourceDecorators: readonly Decorator[],
  ): ResourceDeclaration {
    const [name, type, body] = partsOf(node);
    return {
      kind: "resource",
      name: name?.text ?? "",
      type: literalText(expressionOf(type)) ?? "",
      existing: node.children.some((child) => child.type === "existing"),
      body: valueBehind(node, body),
      decorators: resourceDecorators,
      line: node.startPosition.row + 1,
    };
  }

  function convertDeclaration(node: Node, its: readonly Decorator[]): Declaration[] {
    const [first, second, third] = partsOf(node);
    const common = {
      name: first?.text ?? "",
      decorators: its,
      line: (first ?? node).startPosition.row + 1,
    };
    switch (node.type) {
      case "parameter_declaration":
        return [
          {
            kind: "parameter",
            ...common,
            type: convertType(second, report),
            default: third === undefined ? undefined : valueBehind(node, third),
          },
        ];
      case "variable_declaration":
        return [{ kind: "variable", ...common, value: valueBehind(node, second) }];
      case "output_declaration":
        return [
          {
            kind: "output",
            ...common,
            type: convertType(second, report),
            value: valueBehind(node, third),
          },
        ];
      case "resource_declaration":
        return [convertResource(node, its)];
      case "module_declaration":
        return [
          {
            kind: "module",
            ...common,
            path: literalText(expressionOf(second)) ?? "",
            body: valueBehind(node, third),
          },
        ];
      case "type_declaration":
        return [{ kind: "type", ...common, type: convertType(second, report) }];
      case "metadata_declaration":
        return [];
      default:
        report(common.line, `${node.type} is a form that these checks do not read`);
        return [];
    }
  }

  /** What stands behind the equals sign, which Bicep wants on the same line. */
  function valueBehind(declaration: Node, value: Node | undefined): Expression {
    const equals = declaration.children.find((child) => child.type === "=");
    if (value && equals && value.startPosition.row !== equals.endPosition.row) {
      report(value.startPosition.row + 1, "a value begins on the line of its equals sign");
    }
    return expressionOf(value);
  }
}

/** The statements below the root; the grammar wraps some of them once or twice. */
function statements(root: Node): Node[] {
  return partsOf(root).flatMap((node) =>
    node.type === "statement" || node.type === "declaration" ? statements(node) : [node],
  );
}

function only(node: Node, type: string): Node | undefined {
  return node.namedChildren.find((child) => child.type === type);
}
