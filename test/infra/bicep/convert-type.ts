import type { Node } from "web-tree-sitter";
import type { NameExpression, TypeExpression } from "./syntax.ts";

/**
 * The grammar reads types partly as types and partly as expressions, depending on where they stand;
 * both become the same here.
 */
export function convertType(node: Node | undefined): TypeExpression {
  if (node === undefined) return { kind: "other", names: [] };
  const [first] = node.namedChildren;
  switch (node.type) {
    case "type":
    case "parenthesized_type":
    case "parenthesized_expression":
      return convertType(first);
    case "primitive_type":
    case "identifier":
      return { kind: "named", name: node.text, line: node.startPosition.row + 1 };
    case "string":
      return { kind: "literal", value: node.text.slice(1, -1) };
    case "number":
      return { kind: "literal", value: Number(node.text) };
    case "boolean":
      return { kind: "literal", value: node.text === "true" };
    case "null":
      return { kind: "literal", value: null };
    case "array_type":
      return { kind: "array-of", item: convertType(first) };
    case "nullable_type":
      return { kind: "nullable", inner: convertType(first) };
    case "union_type":
      return { kind: "one-of", members: node.namedChildren.map((member) => convertType(member)) };
    case "binary_expression":
      return { kind: "one-of", members: node.namedChildren.map((member) => convertType(member)) };
    case "object":
      return {
        kind: "object-of",
        properties: node.namedChildren
          .filter(({ type }) => type === "object_property")
          .map((property) => {
            const named = property.namedChildren;
            const name = named.length > 1 ? named[0]?.text.replaceAll("'", "") : undefined;
            return { name, type: convertType(named.at(-1)) };
          }),
      };
    default:
      return { kind: "other", names: names(node) };
  }
}

function names(node: Node): NameExpression[] {
  if (node.type === "identifier") {
    return [{ kind: "name", name: node.text, line: node.startPosition.row + 1 }];
  }
  return node.namedChildren.flatMap((child) => names(child));
}
