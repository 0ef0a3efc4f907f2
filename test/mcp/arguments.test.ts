import { describe, expect, it } from "vitest";
import { z } from "zod";
import { success } from "../../src/core/result.ts";
import { defineTool } from "../../src/mcp/define-tool.ts";
import { everyone } from "../../src/mcp/policy.ts";
import { verifies } from "../requirements.ts";
import { callTool } from "../support/call-tool.ts";
import { textOf } from "../support/clients.ts";

const inputSchema = z.strictObject({
  day: z.string(),
  from: z.string().optional(),
  kind: z.enum(["food", "other"]).optional(),
  limit: z.int().max(10, "must be at most 10").default(3),
  ratio: z.number().optional(),
  text: z.string().optional(),
  amount: z.union([z.number(), z.string().regex(/^\d+\.\d\d$/)]).optional(),
  kinds: z.array(z.enum(["food", "other"])).optional(),
  pairs: z.array(z.strictObject({ of: z.array(z.string()) })).optional(),
  rates: z.record(z.string(), z.string()).optional(),
  range: z.strictObject({ to: z.string().optional(), count: z.number() }).optional(),
});

/** Echoes its arguments, as it got them. */
const echo = (readOnlyHint: boolean, schema = inputSchema) =>
  defineTool({
    name: "echo",
    title: "Echo",
    description: "Echoes.",
    annotations: { readOnlyHint },
    inputSchema: schema,
    outputSchema: z.object({ got: z.record(z.string(), z.unknown()) }),
    policy: everyone,
    handler: async (got) => success({ got }),
    present: () => "Echoed.",
  });

const day = "2026-11-20";
const usual = { day, limit: 3 };

describe("what clients write differently from what they mean", () => {
  it.each<[string, object, object]>([
    ["null for what is left out", { from: null, kind: null, limit: null, amount: null }, usual],
    ["a numeral", { limit: "5", ratio: "-0.25" }, { ...usual, limit: 5, ratio: -0.25 }],
    [
      "a numeral where text is meant",
      { text: "5", from: "12" },
      { ...usual, text: "5", from: "12" },
    ],
    ["one value for a list of one", { kinds: "food" }, { ...usual, kinds: ["food"] }],
    ["a text that is accepted as text", { amount: "12.50" }, { ...usual, amount: "12.50" }],
    [
      "all of it, further down",
      { range: { to: null, count: "2" } },
      { ...usual, range: { count: 2 } },
    ],
  ])(
    verifies("tool.lenient-input", "%s is understood, by reading and writing tools"),
    async (_, given, got) => {
      for (const reads of [true, false]) {
        const result = await callTool(echo(reads), { day, ...given });
        expect(result.structuredContent).toEqual({ got });
        expect(textOf(result)).toBe("Echoed.");
      }
    },
  );

  it.each<[string, Record<string, unknown>, string]>([
    ["null for what is needed", { day: null }, "day: is missing"],
    ["one wrong value for a list", { day, kinds: "drinks" }, "kinds.0: must be one of food, other"],
    ["nothing for a list that is needed", { day, pairs: [{}] }, "pairs.0.of: is missing"],
    ["an object for a list", { day, kinds: {} }, "kinds: must be of the type array"],
    ...["05", "5.0", "1e1", "+5", " 5", "0x5", "Infinity", "9007199254740993", ""].map(
      (text): [string, Record<string, unknown>, string] => [
        `the text ${JSON.stringify(text)} for a number`,
        { day, limit: text },
        "limit: must be of the type number",
      ],
    ),
    ["a numeral that is too large", { day, limit: "11" }, "limit: must be at most 10"],
    ["null for a record's entry", { day, rates: { a: "1", b: null } }, "rates.b: is missing"],
    ["a text for a choice", { day, kind: "5" }, "kind: must be one of food, other"],
    ["a fraction for a whole number", { day, limit: 2.5 }, "limit: must be a whole number"],
    ["true for a number", { day, ratio: true }, "ratio: must be of the type number"],
    [
      "null in a list's place",
      { day, range: null, ratio: [null] },
      "ratio: must be of the type number",
    ],
  ])(
    verifies("tool.lenient-input", "%s is refused with what to correct"),
    async (_, given, problem) => {
      const result = await callTool(echo(false), given);
      expect(result.isError).toBe(true);
      expect(textOf(result)).toBe(`The arguments of echo need correction:\n- ${problem}`);
    },
  );
});

describe("arguments that there are not", () => {
  const added = { form: "2026-11-01", toolCallId: null, range: { count: 1, too: 1 } };

  it(verifies("tool.unknown-arguments", "are refused by name where a tool writes"), async () => {
    const result = await callTool(echo(false), { day, ...added });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toBe(
      'The arguments of echo need correction:\n- range: there is no argument "too"\n- there is no argument "form", "toolCallId"',
    );
  });

  it(
    verifies("tool.unknown-arguments", "are named even where the protocol drops them"),
    async () => {
      const given = JSON.parse(`{"day":"${day}","__proto__":{"form":1}}`);
      expect(textOf(await callTool(echo(false), given))).toMatch(
        '- there is no argument "__proto__"',
      );
      const { structuredContent } = await callTool(echo(true), given);
      expect(structuredContent).toEqual({ got: usual, ignored_arguments: ["__proto__"] });
    },
  );

  it(verifies("tool.unknown-arguments", "are named without what nobody sees of them"), async () => {
    const hidden = { day, "fo\u202e\u200b\u{e0041}rm\n- done": 1 };
    expect(textOf(await callTool(echo(false), hidden))).toMatch('no argument "form - done"');
    const ignoring = await callTool(echo(true), hidden);
    expect(textOf(ignoring)).toMatch('argument: "form - done".');
    expect(ignoring.structuredContent).toMatchObject({ ignored_arguments: ["form - done"] });
    const entry = await callTool(echo(false), { day, rates: { "a\u202e\nb": 1 } });
    expect(textOf(entry)).toMatch("- rates.a b: must be");
  });

  it(
    verifies("tool.unknown-arguments", "are never dropped in silence, whatever the schema says"),
    async () => {
      const loose = z.object(inputSchema.shape) as unknown as typeof inputSchema;
      expect((await callTool(echo(false, loose), { day, form: 1 })).isError).toBe(true);
      expect(textOf(await callTool(echo(true, loose), { day, form: 1 }))).toMatch(/^Ignored/);
    },
  );

  it(
    verifies("tool.unknown-arguments", "are ignored where it reads, and named in the answer"),
    async () => {
      const result = await callTool(echo(true), { day, ...added });
      expect(textOf(result)).toBe(
        'Ignored, since there is no such argument: "range.too", "form", "toolCallId".\nEchoed.',
      );
      expect(result.structuredContent).toEqual({
        got: { ...usual, range: { count: 1 } },
        ignored_arguments: ["range.too", "form", "toolCallId"],
      });
    },
  );
});
