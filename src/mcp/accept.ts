import { z } from "zod";
import { parseJson } from "../core/encoding.ts";
import { messageInOwnWords, type OwnAnswers } from "./own-words.ts";

const json = "application/json";
const eventStream = "text/event-stream";

/**
 * Has a request answered in a type that its client takes. The SDK asks legacy clients to accept both
 * types and always answers a stream; one that takes either alone, or anything, is served as well.
 *
 * @param serve given the request as the SDK wants it; where the client takes neither type, as it is
 * @param isBatch whether the body is an array, which the answer then is as well
 * @param own what this server has to say of the messages itself
 */
export async function serveAccepted(
  request: Request,
  isBatch: boolean,
  own: OwnAnswers,
  serve: (request: Request) => Promise<Response>,
): Promise<Response> {
  const accept = request.headers.get("accept") ?? "*/*";
  const bothTypes = accept.includes(json) && accept.includes(eventStream);
  // As nearly every client has it, without weights.
  if (bothTypes && !accept.includes(";")) return serve(request);
  const [takesJson, takesStream] = [takes(accept, json), takes(accept, eventStream)];
  if (!takesJson && !takesStream) return serve(request);
  const response = await serve(withAccept(request, `${json}, ${eventStream}`));
  const isStream = response.headers.get("content-type")?.startsWith(eventStream) ?? false;
  if (isStream && !takesStream) {
    const answers = answersIn(await response.text(), response.status, own);
    return withBody(response, json, JSON.stringify(isBatch ? answers : (answers[0] ?? null)));
  }
  if (!isStream && !takesJson && response.status === 200) {
    return withBody(response, eventStream, `event: message\ndata: ${await response.text()}\n\n`);
  }
  return response;
}

/** Whether a media type is acceptable: the most specific range decides (RFC 9110 section 12.5.1). */
function takes(accept: string, type: string): boolean {
  const [group] = type.split("/");
  const ranges = accept.split(",").map((range) => range.toLowerCase().replaceAll(/\s/g, ""));
  for (const wanted of [type, `${group}/*`, "*/*"]) {
    const range = ranges.find((candidate) => candidate.split(";")[0] === wanted);
    if (range) return !/;q=0(?:\.0*)?(?:;|$)/.test(range);
  }
  return false;
}

/** Without the body, which has been read already. */
function withAccept({ url, method, headers: given }: Request, accept: string): Request {
  const headers = new Headers(given);
  headers.set("accept", accept);
  return new Request(url, { method, headers });
}

function withBody({ status, headers: given }: Response, type: string, body: string): Response {
  const headers = new Headers(given);
  headers.set("content-type", type);
  return new Response(body, { status, headers });
}

const answer = z.looseObject({ id: z.unknown(), method: z.undefined().optional() });

/**
 * The JSON-RPC answers among a stream's events, each in words of this server; what only tells of progress
 * is left out.
 */
function answersIn(stream: string, status: number, own: OwnAnswers): unknown[] {
  return stream.split("\n\n").flatMap((event) => {
    const lines = event.split("\n").filter((line) => line.startsWith("data:"));
    const data = lines.map((line) => line.slice("data:".length)).join("\n");
    const message = parseJson(data);
    if (!answer.safeParse(message).success) return [];
    return [messageInOwnWords(message, Buffer.byteLength(data), status, own)];
  });
}
