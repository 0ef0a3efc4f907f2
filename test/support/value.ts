import type { Result } from "../../src/core/result.ts";

/** The value of a result that a test expects to be one. */
export function value<Value>(result: Result<Value, unknown>): Value {
  if (!result.ok) throw new Error(`Unexpected failure: ${JSON.stringify(result.reason)}`);
  return result.value;
}
