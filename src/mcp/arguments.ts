import type { z } from "zod";
import { LongFraction } from "../core/exact-numbers.ts";
import { failure, type Result, success } from "../core/result.ts";

export interface CheckedArguments<Input> {
  readonly input: Input;
  /** Names of arguments that there are not, and that were left out. */
  readonly ignored: readonly string[];
}

export interface WrongArguments {
  readonly issues: readonly z.core.$ZodIssue[];
  /** What was checked in the end. */
  readonly given: unknown;
}

/**
 * Checks a call's arguments as they are and, only where that fails, once more with what clients write
 * differently from what they mean: null for what they leave out, numbers as text, one value
 * for a list of one, and members that they add by themselves. A text that the schema takes as text stays one.
 *
 * @param ignoresUnknown for a tool that only reads; one that writes refuses a misspelled argument
 */
export function checkArguments<Schema extends z.ZodType>(
  schema: Schema,
  toolArguments: unknown,
  ignoresUnknown: boolean,
): Result<CheckedArguments<z.output<Schema>>, WrongArguments> {
  const strict = schema.safeParse(toolArguments);
  if (strict.success) return success({ input: strict.data, ignored: [] });
  const given = cloned(toolArguments);
  const ignored: string[] = [];
  const leftOut: (() => boolean)[] = [];
  for (const issue of strict.error.issues) {
    const parent = valueAt(given, issue.path.slice(0, -1));
    const name = issue.path.at(-1);
    if (issue.code === "unrecognized_keys") {
      const holder = valueAt(given, issue.path);
      if (!ignoresUnknown || !isObject(holder)) continue;
      for (const key of issue.keys) delete holder[key];
      ignored.push(...issue.keys.map((key) => [...issue.path, key].join(".")));
    } else if (isObject(parent) && name !== undefined) {
      const value = valueAt(parent, [name]);
      if (value === null && !Array.isArray(parent)) {
        // An optional member may be undefined, while a record's entry may not.
        parent[name] = undefined;
        leftOut.push(() => delete parent[name]);
      } else if (expectsNumber(issue) && isNumeral(value)) parent[name] = Number(value);
      else if (expectsList(issue) && isScalar(value)) parent[name] = [value];
    }
  }
  let checked = schema.safeParse(given);
  if (checked.success && leftOut.length > 0) {
    for (const leaveOut of leftOut) leaveOut();
    checked = schema.safeParse(given);
  }
  if (checked.success) return success({ input: checked.data, ignored });
  // Whoever has to correct something else is told of what would have been ignored as well.
  const unknown = ignored.length === 0 ? [] : strict.error.issues.filter(isOfUnknown);
  return failure({ issues: [...checked.error.issues, ...unknown], given });
}

function isOfUnknown({ code }: z.core.$ZodIssue): boolean {
  return code === "unrecognized_keys";
}

/** The value at a path of own members; undefined where there is none. */
export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    input,
  );
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null && !(value instanceof LongFraction);
}

/** `structuredClone` would make plain objects of what has a class. */
function cloned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cloned);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, cloned(member)]));
}

function expectsNumber(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_type" && ["number", "int"].includes(issue.expected);
}

function expectsList(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_type" && issue.expected === "array";
}

function isScalar(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

/** A number's one way of being written: no other text becomes another number by being read. */
function isNumeral(value: unknown): value is string {
  return typeof value === "string" && /^-?\d/.test(value) && String(Number(value)) === value;
}
