import { z } from "zod";
import type { HttpAnswer } from "../load/http-client.ts";

const answerSchema = z.object({
  result: z.looseObject({
    isError: z.boolean().optional(),
    structuredContent: z.record(z.string(), z.unknown()).optional(),
    tools: z.array(z.object({ name: z.string() })).optional(),
  }),
});

export type McpResult = z.output<typeof answerSchema>["result"];

/**
 * The result in an answer of an MCP server, of either era: JSON, or one event of a stream.
 *
 * @returns words that say what is wrong, where there is no result
 */
export function readResult({ status, headers, body }: HttpAnswer): McpResult | string {
  const isStream = headers["content-type"]?.startsWith("text/event-stream") ?? false;
  const json = isStream ? /^data: (\{.*)$/m.exec(body)?.[1] : body;
  const parsed = status === 200 && json ? answerSchema.safeParse(parse(json)) : undefined;
  if (!parsed?.success || parsed.data.result.isError) {
    return `answered ${status}: ${body.slice(0, 300)}`;
  }
  return parsed.data.result;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
