import type { Tool } from "@modelcontextprotocol/server";
import { z } from "zod";

type JsonSchema = z.core.JSONSchema.BaseSchema;
type Direction = "input" | "output";

/**
 * A schema as `tools/list` shows it: only with keywords that all big hosts hand on to their model.
 * Gemini refuses a request with `$schema`, `exclusiveMinimum`, `additionalProperties` or most formats,
 * OpenAI one with limits or a pattern, and Copilot Studio cuts what has several types. Limits stand in
 * the description instead, and are checked when the tool is called.
 *
 * Sources: https://ai.google.dev/api/caching#Schema,
 * https://platform.openai.com/docs/guides/structured-outputs#supported-schemas,
 * https://learn.microsoft.com/microsoft-copilot-studio/mcp-troubleshooting
 *
 * @throws {TypeError} where an object within an input would drop unknown members in silence
 */
export function advertisedSchema(schema: z.ZodType, io: Direction): Tool["inputSchema"] {
  // The root has to say that it is an object, which that of a union does not by itself.
  const root = { ...advertised(z.toJSONSchema(schema, { io, override }), io), type: "object" };
  return root as unknown as Tool["inputSchema"];

  function override({ zodSchema, path }: { zodSchema: z.core.$ZodTypes; path: PropertyKey[] }) {
    const { def } = zodSchema._zod;
    if (io === "output" || path.length === 0 || def.type !== "object" || def.catchall) return;
    throw new TypeError(
      `${path.join(".")} of an input has to be a z.strictObject: z.object drops unknown members.`,
    );
  }
}

function advertised(schema: JsonSchema, io: Direction): JsonSchema {
  const { type, properties, required, items, default: fallback } = withOneType(schema, io);
  const choices = schema.const === undefined ? schema.enum : [schema.const];
  const words = [schema.description, ...limitsOf(schema)].filter((part) => part !== undefined);
  return {
    ...(type && { type }),
    ...(words.length > 0 && { description: words.join(" ") }),
    ...(choices && { enum: choices }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [
          name,
          advertised(property as JsonSchema, io),
        ]),
      ),
    }),
    ...(required && required.length > 0 && { required }),
    ...(items && { items: advertised(items as JsonSchema, io) }),
    ...(fallback !== undefined && { default: fallback }),
    // The protocol's own: clients repeat such an argument in a header.
    ...("x-mcp-header" in schema && { "x-mcp-header": schema["x-mcp-header"] }),
  };
}

/**
 * Alternatives in one: objects with the members of all, of which those are required that all have. Of
 * other alternatives an input shows the first, and an output, which clients check, says no type.
 */
function withOneType(schema: JsonSchema, io: Direction): JsonSchema {
  const types = [schema.type ?? []].flat();
  const alternatives = (schema.anyOf ?? schema.oneOf) as JsonSchema[] | undefined;
  if (!alternatives) {
    if (types.length < 2) return schema;
    const [type] = types.filter((name) => name !== "null");
    return { ...schema, type: io === "input" ? type : undefined } as JsonSchema;
  }
  if (alternatives.every(({ type }) => type === "object")) {
    const [first, ...others] = alternatives.map(({ required = [] }) => required);
    return {
      ...schema,
      type: "object",
      properties: membersOfAll(alternatives),
      required: first?.filter((name) => others.every((names) => names.includes(name))),
    } as JsonSchema;
  }
  const [shown] = alternatives.filter(({ type }) => type !== "null");
  return io === "input" ? ({ ...shown, ...schema } as JsonSchema) : schema;
}

function membersOfAll(objects: readonly JsonSchema[]): Record<string, JsonSchema> {
  const all = objects.flatMap(({ properties = {} }) => Object.entries(properties));
  const byName = Map.groupBy(all as [string, JsonSchema][], ([name]) => name);
  return Object.fromEntries(
    [...byName].map(([name, found]) => [name, oneMember(found.map(([, member]) => member))]),
  );
}

/** What tells alternatives apart is one choice among those of all. */
function oneMember(members: readonly JsonSchema[]): JsonSchema {
  const [first = {}] = members;
  const choices = members.map((member) =>
    member.const === undefined ? member.enum : [member.const],
  );
  if (members.length === 1 || choices.includes(undefined)) return first;
  return {
    type: first.type,
    enum: choices.flat(),
    description: members
      .map(({ description }, index) => `${choices[index]?.join(", ")}: ${description}`)
      .join(" "),
  } as JsonSchema;
}

/** What a value has to keep to beside its type, in words. */
function limitsOf(schema: JsonSchema): string[] {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, pattern } = schema;
  const limits: [string, number | string | undefined][] = [
    ["At least", within(minimum)],
    ["More than", within(exclusiveMinimum)],
    ["At most", within(maximum)],
    ["Less than", within(exclusiveMaximum)],
    ["Items at least:", schema.minItems],
    ["Items at most:", schema.maxItems],
    ["Characters at most:", schema.maxLength],
    ["Matches", pattern && `/${pattern}/`],
  ];
  return limits.flatMap(([words, limit]) => (limit === undefined ? [] : [`${words} ${limit}.`]));
}

/** A whole number's own limits say nothing. */
function within(limit: number | boolean | undefined): number | undefined {
  return typeof limit === "number" && Math.abs(limit) < Number.MAX_SAFE_INTEGER ? limit : undefined;
}
