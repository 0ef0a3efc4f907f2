import { readBounded } from "../../../src/core/bounded-body.ts";
import { isObject, type JsonObject, parseJson } from "../../../src/core/encoding.ts";

/** Bytes: many times what a token response or a metadata document takes. */
const longestAnswer = 256 * 1024;

/** The JSON object in an answer; nothing where there is none. @throws where it is too long */
export async function readJson(response: Response): Promise<JsonObject | undefined> {
  const bytes = await readBounded(response.body, longestAnswer);
  if (!bytes) throw new Error("the answer is too long");
  const value = parseJson(bytes.toString("utf8"));
  return isObject(value) ? value : undefined;
}

/** Why a request got no answer, in words: `fetch` has it in the cause of its error. */
export function networkProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "it did not answer in time";
  const { cause } = error;
  if (cause instanceof Error) {
    if ("code" in cause && typeof cause.code === "string") return `${cause.code}`;
    return cause.message;
  }
  return error.message;
}
