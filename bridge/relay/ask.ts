import type { IncomingHttpHeaders } from "node:http";
import { isObject } from "../../src/core/encoding.ts";
import { failure, type Result, success } from "../../src/core/result.ts";
import type { BridgeLog } from "../log.ts";
import { type BodyFailure, letEnd, readEvents, readJson } from "./answer.ts";
import type { Carry } from "./carrier.ts";
import {
  asRequest,
  isNotification,
  isResponse,
  type Message,
  ownSource,
  type RequestMessage,
  readMessage,
} from "./message.ts";
import type { Posted } from "./post.ts";
import { badAnswer, broken, cancelled, refusedBy, sessionLost, type Trouble } from "./trouble.ts";

export interface Question {
  readonly request: RequestMessage;
  /** Beside those that every message has. */
  readonly headers: Readonly<Record<string, string>>;
  readonly interactive: boolean;
  readonly signal: AbortSignal;
  /** Takes what the server sends before its answer: notifications, and requests where they may be. */
  readonly pass: (message: Message) => Promise<void>;
  /** Whether the revision lets a server ask back on the stream of an answer. */
  readonly mayAskBack: boolean;
}

/** What a server answers, with the headers of its HTTP answer. */
export interface Answered {
  readonly message: Message;
  readonly headers: IncomingHttpHeaders;
}

/** Puts a request to the server, and brings its answer: a result or an error, as it is. */
export type Ask = (question: Question) => Promise<Result<Answered, Trouble>>;

export interface AskOptions {
  readonly url: URL;
  readonly carry: Carry;
  readonly log: BridgeLog;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** They change nothing, so that one whose answer is lost can be repeated. */
const repeatable: ReadonlySet<string> = new Set([
  "initialize",
  "ping",
  "server/discover",
  "tools/list",
  "resources/list",
  "resources/templates/list",
  "resources/read",
  "prompts/list",
  "prompts/get",
  "completion/complete",
]);

/** Of the legacy era (MCP 2025-11-25, Streamable HTTP, "Session Management"). */
export const sessionHeader = "mcp-session-id";

/** An error that is not about JSON-RPC has less to say than this. */
const maximumRefusalBytes = 64 * 1024;

export function createAsk({ url, carry, log, now }: AskOptions): Ask {
  return async ({ request, headers, interactive, signal, pass, mayAskBack }) => {
    const what = nameOf(request);
    const isRepeatable = repeatable.has(request.method);
    const startedAt = performance.now();
    const { text: body } = request;
    const parcel = { body, headers, what, isRepeatable, interactive, signal };
    const carried = await carry(parcel);
    if (!carried.ok) {
      log.detail(`${what}: ${carried.reason.reason}`);
      return carried;
    }
    const { status } = carried.value;
    const answered = await read(carried.value);
    const outcome = answered.ok ? "answered" : answered.reason.reason;
    log.detail(`${what}: ${status}, ${outcome}, ${Math.round(performance.now() - startedAt)} ms`);
    return answered;

    async function read(posted: Posted): Promise<Result<Answered, Trouble>> {
      const { headers, body } = posted;
      const mediaType = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
      if (status === 404 && Object.hasOwn(parcel.headers, sessionHeader)) {
        letEnd(body);
        return failure(sessionLost);
      }
      if (!isGood(status)) {
        const text = await readJson(body, maximumRefusalBytes);
        if (!text.ok && signal.aborted) return failure(cancelled);
        const message = text.ok ? readMessage(text.value) : undefined;
        const own = message && answerTo(request, message);
        if (own) return success({ message: own, headers });
        const refusal = { status, headers, body: text.ok ? text.value : "" };
        return failure(refusedBy(url, what, refusal, { isRepeatable, now: now() }));
      }
      if (mediaType === "text/event-stream") return readStream(posted);
      if (mediaType !== "application/json") {
        letEnd(body);
        const kind = mediaType === undefined ? "has no content" : "is no MCP message";
        return failure(
          badAnswer(what, `${kind}: is ${url.href} an MCP server's URL?`, isRepeatable),
        );
      }
      const text = await readJson(body);
      if (!text.ok) return failure(bodyTrouble(text.reason));
      const message = readMessage(text.value);
      const own = message && answerTo(request, message);
      if (own) return success({ message: own, headers });
      return failure(badAnswer(what, "is no answer to it", isRepeatable));
    }

    async function readStream({ headers, body }: Posted): Promise<Result<Answered, Trouble>> {
      let own: Message | undefined;
      const dropped = new Set<string>();
      /** Once for each answer: a server could fill the disk that the log is kept on. */
      const drop = (words: string) => {
        if (!dropped.has(words)) log.say(`Dropped ${words}`);
        dropped.add(words);
      };
      const noise = () => drop("what the server sent: it is no JSON-RPC message.");
      const take = async (message: Message) => {
        if (signal.aborted) return false;
        if (isResponse(message)) {
          own = answerTo(request, message);
          if (!own) drop("an answer of the server's to what nobody asked.");
          return own !== undefined;
        }
        const mayPass = isNotification(message) || (mayAskBack && asRequest(message));
        if (mayPass) await pass(message);
        else drop("a request of the server's: this revision has none.");
        return false;
      };
      const end = await readEvents(body, take, noise);
      if (own) return success({ message: own, headers });
      return failure(
        end.ok ? bodyTrouble({ kind: "broken", code: "end" }) : bodyTrouble(end.reason),
      );
    }

    function bodyTrouble(reason: BodyFailure): Trouble {
      if (signal.aborted) return cancelled;
      if (reason.kind === "broken") return broken(what, reason.code, isRepeatable);
      return badAnswer(what, "is too long to be passed on. Ask for less", isRepeatable);
    }
  };
}

/** What a request is called in words and in the log: never with its arguments. */
function nameOf({ method, params }: RequestMessage): string {
  const name = method === "tools/call" || method === "prompts/get" ? params.name : undefined;
  return typeof name === "string" && /^[\w./-]{1,128}$/.test(name) ? `${method} ${name}` : method;
}

function isGood(status: number): boolean {
  return status >= 200 && status < 300;
}

/** The message as the answer to a request; an error may have been made before its id could be read. */
function answerTo(request: RequestMessage, message: Message): Message | undefined {
  if (!isResponse(message)) return undefined;
  const { id, error } = message.json;
  // Clients are told that such errors are the bridge's, and may do as they say.
  if (isObject(error) && isObject(error.data) && error.data.source === ownSource) return undefined;
  if (id === request.id) return message;
  if (error === undefined || (id !== null && id !== undefined)) return undefined;
  const json = { jsonrpc: "2.0", id: request.id, error };
  return { json, text: JSON.stringify(json) };
}
