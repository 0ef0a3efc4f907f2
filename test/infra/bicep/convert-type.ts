import type { Node } from "web-tree-sitter";
import type { Report } from "./convert-expression.ts";
import type { TypeExpression } from "./syntax.ts";

/**
 * The grammar reads types partly as types and partly as expressions, depending on where they stand;
 * both become the same here.
 */
export function convertType(node: Node | undefined, report: Report): TypeExpression {
  if (node === undefined) throw new Error("the grammar promises a type here");
  const [first] = node.namedChildren;
  const convert = (inner: Node | undefined) => convertType(inner, report);
  switch (node.type) {
    case "type":
    case "parenthesized_type":
    case "parenthesized_expression":
      return convert(first);
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
      return { kind: "array-of", item: convert(first) };
    case "nullable_type":
      return { kind: "nullable", inner: convert(first) };
    case "union_type":
    case "binary_expression":
      return { kind: "one-of", members: node.namedChildren.map(convert) };
    case "object":
      return {
        kind: "object-of",
        properties: node.namedChildren
          .filter(({ type }) => type === "object_property")
          .map((property) => {
            const named = property.namedChildren;
            const name = named.length > 1 ? named[0]?.text.replaceAll("'", "") : undefined;
            return { name, type: convert(named.at(-1)) };
          }),
      };
    default:
      report(node.startPosition.row + 1, `${node.type} is a form that these checks do not read`);
      return { kind: "literal", value: null };
  }
}
