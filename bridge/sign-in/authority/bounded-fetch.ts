/** Bytes: many times what a token response or a metadata document takes. */
const longestAnswer = 256 * 1024;

/** The JSON object in an answer; nothing where there is none. @throws where it is too long */
export async function readJson(response: Response): Promise<Record<string, unknown> | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > longestAnswer) throw new Error("the answer is too long");
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
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
