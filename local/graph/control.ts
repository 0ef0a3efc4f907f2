import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { parseJson } from "../../src/core/encoding.ts";
import { readBody } from "../request-body.ts";
import { type Answer, contentAnswer, errorAnswer, headerOf } from "./answer.ts";
import { challengeSchema, type Faults, throttleSchema } from "./faults.ts";

/** Where the requests are that ask for faults; Graph itself has nothing there. */
export const controlPath = "/_local/";

/** Answers a request that asks for faults. */
export async function answerControl(
  faults: Faults,
  request: IncomingMessage,
  pathname: string,
): Promise<Answer> {
  // A web page cannot send this type to another origin without asking first, and is refused then.
  if (headerOf(request, "content-type") !== "application/json") {
    return errorAnswer(415, "UnsupportedMediaType", "Send application/json.");
  }
  const content = await readBody(request);
  if (!content) return errorAnswer(413, "RequestEntityTooLarge", "Send less.");
  const body = parseJson(content.toString());
  switch (`${request.method} ${pathname}`) {
    case `POST ${controlPath}throttle`:
      return apply(throttleSchema, body, faults.throttleNext);
    case `POST ${controlPath}challenge`:
      return apply(challengeSchema, body, faults.challengeNext);
    default:
      return errorAnswer(404, "NotFound", `There is no ${request.method} ${pathname}.`);
  }
}

function apply<Schema extends z.ZodType>(
  schema: Schema,
  body: unknown,
  demand: (fault: z.output<Schema>) => void,
): Answer {
  const fault = schema.safeParse(body);
  if (!fault.success) return errorAnswer(400, "BadRequest", z.prettifyError(fault.error));
  demand(fault.data);
  return contentAnswer({});
}
