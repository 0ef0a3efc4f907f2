import { describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { parseTemplate } from "./parse.ts";
import type { Expression } from "./syntax.ts";

function understand(expression: string): Expression {
  const { template, findings } = parseTemplate("a.bicep", `var it = ${expression}\n`);
  const [variable] = template.declarations;
  if (variable?.kind !== "variable" || findings.length > 0) {
    throw new Error(findings.map(({ message }) => message).join("\n"));
  }
  return variable.value;
}

/** How an expression was understood, every operation in brackets. */
function shape(expression: Expression): string {
  switch (expression.kind) {
    case "name":
      return expression.name;
    case "member":
      return `${shape(expression.object)}${expression.safe ? ".?" : "."}${expression.property}`;
    case "element":
      return `${shape(expression.object)}[${shape(expression.index)}]`;
    case "nested-resource":
      return `${shape(expression.object)}::${expression.resource}`;
    case "call":
      return `${shape(expression.callee)}(${expression.arguments.map(shape).join(", ")})`;
    case "binary":
      return `(${shape(expression.left)} ${expression.operator} ${shape(expression.right)})`;
    case "unary":
      return `!(${shape(expression.argument)})`;
    case "ternary":
      return `(${[expression.test, expression.consequence, expression.alternative].map(shape).join(" | ")})`;
    case "lambda":
      return `(${expression.parameters.join(" ")} => ${shape(expression.body)})`;
    case "array":
      return `[${expression.items.map(shape).join(", ")}]`;
    case "string":
      return `'${expression.parts.map((part) => (typeof part === "string" ? part : `{${shape(part)}}`)).join("")}'`;
    case "number":
    case "boolean":
      return String(expression.value);
    default:
      return expression.kind;
  }
}

describe("an expression", () => {
  it.each([
    ["!a.b", "!(a.b)"],
    ["a && b.c", "(a && b.c)"],
    ["a.b == c.d || e", "((a.b == c.d) || e)"],
    ["a ? b.c : d.e", "(a | b.c | d.e)"],
    ["a ? b : c ? d : e.f", "(a | b | (c | d | e.f))"],
    ["(a ? b : c).d", "(a | b | c).d"],
    ["a.?b ?? c.d[0]", "(a.?b ?? c.d[0])"],
    ["a!.b", "a.?b"],
    ["map(a, x => x.b == 1 ? f(x.c) : x.d)", "map(a, (x => ((x.b == 1) | f(x.c) | x.d)))"],
    ["reduce(a, 0, (x, y) => x + y.z)", "reduce(a, 0, (x y => (x + y.z)))"],
    ["[f(a)]", "[f(a)]"],
    ["[f(a).b, c]", "[f(a).b, c]"],
    ["a::b.c", "a::b.c"],
    ["[\n  a\n  [b]\n]", "[a, [b]]"],
    [`'\${a.b}-\\'c\\' \\\${d}'`, `'{a.b}-'c' \${d}'`],
  ])(verifies("infrastructure.syntax", "%s is understood as Bicep does"), (text, understood) => {
    expect(shape(understand(text))).toBe(understood);
  });

  it.each([
    ["an operator on the next line", "a\n  && b"],
    ["a property on the next line", "a\n  .b"],
    ["an index on the next line", "a\n  [0]"],
    ["members without anything between", "{ a: 1 b: 2 }"],
    ["a comma at a line's end", "{\n  a: 1,\n  b: 2\n}"],
    ["an interpolation over two lines", `'\${a\n}'`],
    ["a value on the next line", "\n  a"],
    ["a spread", "{ ...a }"],
  ])(
    verifies("infrastructure.syntax", "%s is refused, as Bicep does or the grammar"),
    (_, text) => {
      expect(() => understand(text)).toThrow();
    },
  );
});

describe("a template", () => {
  it(verifies("infrastructure.syntax", "may have extension lines, of one form"), () => {
    const { template, findings } = parseTemplate(
      "a.bicep",
      "extension microsoftGraphV1 as graph\nvar a = 'b'\n",
    );
    expect(findings).toEqual([]);
    expect(template.extensions).toEqual([{ name: "graph", line: 1 }]);
    expect(template.declarations).toMatchObject([{ name: "a", line: 2 }]);
    expect(parseTemplate("a.bicep", "extension 'br:x' with {}\n").findings).toHaveLength(1);
  });

  it(verifies("infrastructure.syntax", "keeps decorators with what they decorate"), () => {
    const { template } = parseTemplate(
      "a.bicep",
      "@secure()\n@sys.description('It\\'s a.')\nparam a string?\n\nparam b ('x' | 'y')[]\n",
    );
    expect(template.declarations).toMatchObject([
      {
        kind: "parameter",
        name: "a",
        decorators: [{ name: "secure" }, { name: "sys.description" }],
        type: { kind: "nullable", inner: { kind: "named", name: "string" } },
      },
      {
        name: "b",
        decorators: [],
        type: { kind: "array-of", item: { kind: "one-of" } },
      },
    ]);
  });

  it.each([
    "func twice(text string) string => concat(text, text)",
    "import { a } from 'b.bicep'",
    "param a resourceInput<'Microsoft.Storage/storageAccounts@2025-01-01'>",
  ])(verifies("infrastructure.syntax", "is refused for a form that is not read: %s"), (line) => {
    const { findings } = parseTemplate("a.bicep", `${line}\n`);
    expect(findings[0]).toMatchObject({ kind: "syntax", line: 1 });
  });

  it(verifies("infrastructure.syntax", "that does not parse has a place for what is wrong"), () => {
    const { findings } = parseTemplate("a.bicep", "var a = 'b'\nparam = 'c'\n");
    expect(findings[0]).toMatchObject({ kind: "syntax", file: "a.bicep", line: 2 });
  });
});
