import { type Agent, type ClientRequest, type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

export interface RawRequest {
  readonly method?: string;
  /** Name and value in turn, sent as they are: repetitions included. */
  readonly rawHeaders?: readonly string[];
  readonly agent?: Agent;
  /** What {@link get} sends. */
  readonly body?: string;
}

/** A request at a lower level than `fetch` allows; the caller writes the body and ends it. */
export function openRequest(url: string, { method = "GET", rawHeaders, agent }: RawRequest = {}) {
  const { host, hostname, port, pathname, search } = new URL(url);
  const hasHost = rawHeaders?.some((name) => name.toLowerCase() === "host");
  return request({
    hostname,
    port,
    method,
    agent,
    path: pathname + search,
    headers: [...(hasHost ? [] : ["Host", host]), ...(rawHeaders ?? [])],
  });
}

export async function responseTo(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", reject);
  });
}

/** The next chunk of a response, as it arrives. */
export async function nextChunk(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    response.once("data", (chunk: Buffer) => {
      response.pause();
      resolve(chunk.toString());
    });
    response.once("error", reject);
    response.resume();
  });
}

export async function get(url: string, options: RawRequest = {}) {
  const request = openRequest(url, options);
  request.end(options.body);
  const response = await responseTo(request);
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

/** Whether a request gets no answer, as long as the host can be asked otherwise. */
export async function hangs(url: string, options: RawRequest, ask: () => Promise<unknown>) {
  const request = openRequest(url, options);
  let isAnswered = false;
  request.on("response", () => {
    isAnswered = true;
  });
  request.on("error", () => {});
  request.end(options.body);
  for (let count = 0; count < 20 && !isAnswered; count += 1) await ask();
  request.destroy();
  return !isAnswered;
}
