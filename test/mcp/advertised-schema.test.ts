import { expect, it } from "vitest";
import { z } from "zod";
import { listedTools } from "../../scripts/describe-domain.ts";
import { advertisedSchema } from "../../src/mcp/advertised-schema.ts";
import { verifies } from "../requirements.ts";
import { testedDomains } from "../support/domains.ts";

/** All that Gemini, OpenAI and Copilot Studio take of a schema. */
const forwarded = ["type", "description", "enum", "properties", "required", "items", "default"];

function checkSchema(schema: Record<string, unknown>): void {
  expect(forwarded).toEqual(expect.arrayContaining(Object.keys(schema)));
  expect(schema.type ?? "string").toEqual(expect.any(String));
  for (const part of [...Object.values(schema.properties ?? {}), ...[schema.items ?? []].flat()]) {
    checkSchema(part as Record<string, unknown>);
  }
}

it.each(testedDomains)(
  verifies("tools.portable-schemas", "the tools of $name show only what all big hosts forward"),
  ({ domain }) => {
    for (const { listing } of listedTools(domain)) {
      checkSchema(listing.inputSchema);
      checkSchema(listing.outputSchema ?? {});
    }
  },
);

it.each<[string, z.ZodType, object]>([
  ["a limit", z.int().min(1).max(9), { type: "integer", description: "At least 1. At most 9." }],
  ["a bound", z.number().positive(), { type: "number", description: "More than 0." }],
  ["a length", z.string().max(5), { type: "string", description: "Characters at most: 5." }],
  ["a pattern", z.string().regex(/^a/), { type: "string", description: "Matches /^a/." }],
  ["a format", z.iso.date().describe("A day."), { type: "string" }],
  ["null", z.string().nullable(), { type: "string" }],
  ["alternatives", z.union([z.number(), z.string()]), { type: "number" }],
  ["a literal", z.literal("a"), { type: "string", enum: ["a"] }],
  ["a record", z.record(z.string(), z.number()), { type: "object" }],
  [
    "a list",
    z.array(z.int().min(1)),
    { type: "array", items: { type: "integer", description: "At least 1." } },
  ],
])(
  verifies("tools.portable-schemas", "%s keeps one type, and says the rest in words"),
  (_, field, shown) => {
    const { properties } = advertisedSchema(z.strictObject({ field }), "input");
    checkSchema(properties?.field as Record<string, unknown>);
    expect(properties?.field).toMatchObject(shown);
  },
);

it.each<[string, z.ZodType]>([
  ["properties.field", z.object({ x: z.string() }).optional()],
  ["properties.field.items", z.array(z.object({ x: z.string() }))],
  ["properties.field.anyOf.1", z.union([z.string(), z.object({ x: z.string() })])],
  ["properties.field.additionalProperties", z.record(z.string(), z.object({}))],
])(
  verifies("tool.unknown-arguments", "an input cannot drop any in silence: %s is refused"),
  (path, field) => {
    expect(() => advertisedSchema(z.strictObject({ field }), "input")).toThrow(
      `${path} of an input has to be a z.strictObject`,
    );
  },
);

it(
  verifies("tools.portable-schemas", "an output that may be null or text promises no type"),
  () => {
    const output = z.object({
      total: z.union([z.number(), z.string()]),
      note: z.string().nullable(),
    });
    expect(advertisedSchema(output, "output").properties).toEqual({ total: {}, note: {} });
  },
);
