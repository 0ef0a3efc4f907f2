import { isObject, type JsonObject } from "../../src/core/encoding.ts";
import { failure, type Result, success } from "../../src/core/result.ts";
import { type Ask, sessionHeader } from "./ask.ts";
import { asHeader } from "./era.ts";
import type { Message, RequestMessage } from "./message.ts";
import { cancelled, type Trouble } from "./trouble.ts";

export interface ConversationOptions {
  /** The client's `initialize`. */
  readonly request: RequestMessage;
  readonly ask: Ask;
  /** Takes what the server sends before its answer. */
  readonly pass: (message: Message) => Promise<void>;
  /** Is called after each handshake, with what the server says of itself. */
  readonly onOpened: (result: JsonObject) => void;
  /** Aborts when the program ends. */
  readonly ending: AbortSignal;
}

interface Opening {
  readonly interactive: boolean;
  readonly done: Promise<Result<Message, Trouble>>;
}

/**
 * A conversation of a legacy revision, which begins with `initialize`. The client's is sent when the
 * server can be asked, which may be long after the client has had an answer to it.
 */
export class Conversation {
  /** Was the client told what the server is before the server could be asked? */
  isTold = false;
  readonly #options: ConversationOptions;
  #opening: Opening | undefined;
  #result: JsonObject | undefined;
  #session: string | undefined;

  constructor(options: ConversationOptions) {
    this.#options = options;
  }

  /** What the server has said of itself, once it has. */
  get result(): JsonObject | undefined {
    return this.#result;
  }

  /** The headers of every message after the handshake. */
  get headers(): Record<string, string> {
    const version = this.#result?.protocolVersion;
    return {
      ...(typeof version === "string" && { "mcp-protocol-version": asHeader(version) }),
      ...(this.#session !== undefined && { [sessionHeader]: this.#session }),
    };
  }

  /** The server knows a session no more, unless another one has taken its place: the next one opens anew. */
  forget(session: string | undefined): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    this.#opening = undefined;
  }

  /**
   * The handshake, once however many wait for it; after a failure the next one who asks tries again.
   *
   * @returns the server's answer to `initialize`, a result or an error
   */
  async open(interactive: boolean): Promise<Result<Message, Trouble>> {
    for (let underWay = this.#opening; underWay; underWay = this.#opening) {
      const opened = await underWay.done;
      if (opened.ok || underWay.interactive || !interactive) return opened;
      // It has failed without a person, who can be asked now: by the first who comes here.
      if (this.#opening === underWay) break;
    }
    const opening = { interactive, done: this.#handshake(interactive) };
    this.#opening = opening;
    const opened = await opening.done;
    if (!opened.ok && this.#opening === opening) this.#opening = undefined;
    return opened;
  }

  async #handshake(interactive: boolean): Promise<Result<Message, Trouble>> {
    const { request, ask, pass, onOpened, ending } = this.#options;
    const answered = await ask({
      request,
      headers: {},
      interactive,
      signal: ending,
      pass,
      mayAskBack: false,
    });
    if (!answered.ok) return answered;
    const { message, headers } = answered.value;
    if (!isObject(message.json.result)) return success(message);
    this.#result = message.json.result;
    const session = headers[sessionHeader];
    this.#session = typeof session === "string" ? session : undefined;
    onOpened(this.#result);
    return success(message);
  }
}

/** Waits for a promise no longer than until `signal` aborts. */
export async function unlessCancelled<Value>(
  promise: Promise<Result<Value, Trouble>>,
  signal: AbortSignal,
): Promise<Result<Value, Trouble>> {
  if (signal.aborted) return failure(cancelled);
  return new Promise((resolve, reject) => {
    const leave = () => resolve(failure(cancelled));
    signal.addEventListener("abort", leave, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
  });
}
