import { isObject, type JsonObject } from "../../src/core/encoding.ts";
import { type Result, success } from "../../src/core/result.ts";
import type { BridgeLog } from "../log.ts";
import type { Ask } from "./ask.ts";
import { Conversation } from "./conversation.ts";
import { modernHeaders } from "./era.ts";
import { codes, errorLine, type Message, type RequestMessage, resultLine } from "./message.ts";
import { notModern, type Remembered, toldLegacy, toldModern, type Unasked } from "./told.ts";
import type { Trouble } from "./trouble.ts";

/** `initialize` is of the legacy era, `server/discover` of the modern one. */
export type Era = "legacy" | "modern";

/** What the server said of itself earlier. */
export interface Memory {
  recall(era: Era): Promise<Remembered | undefined>;
  remember(era: Era, result: JsonObject): Promise<void>;
}

export interface OpeningOptions {
  readonly host: string;
  readonly ask: Ask;
  readonly log: BridgeLog;
  readonly memory: Memory;
  readonly pass: (message: Message) => Promise<void>;
  /** Is called after each handshake with the server. */
  readonly onOpened: () => void;
  /** Aborts when the program ends. */
  readonly ending: AbortSignal;
  /** How long a client waits for the server's own answer, in milliseconds. */
  readonly patience: number;
}

/**
 * The first answer that a client gets. It is the server's own where that comes soon and without a person;
 * otherwise the bridge says what it remembers or supposes, so that no client gives up while somebody signs in.
 */
export class Opening {
  readonly #options: OpeningOptions;
  /** Was told what the server is before the server could be asked; asked once it can be. */
  #untrueDiscovery: { request: RequestMessage; version: string } | undefined;

  constructor(options: OpeningOptions) {
    this.#options = options;
  }

  /** Answers `initialize`, which begins a conversation. */
  begin(request: RequestMessage): { line: Promise<string>; conversation: Conversation } {
    const { ask, pass, ending, memory, onOpened } = this.#options;
    const conversation = new Conversation({
      request,
      ask,
      pass,
      ending,
      onOpened: (result) => {
        void memory.remember("legacy", result);
        onOpened();
      },
    });
    return { line: this.#initialize(conversation, request), conversation };
  }

  async #initialize(conversation: Conversation, { id, params }: RequestMessage): Promise<string> {
    const { memory, host } = this.#options;
    const opened = await this.#soon(conversation.open(false));
    if (opened?.ok) return opened.value.text;
    const told = toldLegacy(host, params, await memory.recall("legacy"), unaskedFor(opened));
    conversation.isTold = true;
    return resultLine(id, told);
  }

  /** Answers `server/discover`. */
  async discover(request: RequestMessage, version: string): Promise<string> {
    const { memory, host } = this.#options;
    const answered = await this.#soon(this.#discovered(request, version));
    if (answered?.ok) return answered.value.text;
    this.#untrueDiscovery = { request, version };
    const told = toldModern(host, await memory.recall("modern"), unaskedFor(answered));
    if (told) return resultLine(request.id, told);
    const words = "This server speaks the revisions before 2026-07-28 alone.";
    return errorLine(request.id, codes.methodNotFound, words, "legacy-server");
  }

  /** The server has answered a modern request: now it can be asked what it is, for the next time. */
  discoverLater(): void {
    if (!this.#untrueDiscovery) return;
    const { request, version } = this.#untrueDiscovery;
    this.#untrueDiscovery = undefined;
    void this.#discovered(request, version);
  }

  async #discovered(request: RequestMessage, version: string): Promise<Result<Message, Trouble>> {
    const { ask, pass, ending, memory } = this.#options;
    const answered = await ask({
      request,
      headers: modernHeaders(version, request),
      interactive: false,
      signal: ending,
      pass,
      mayAskBack: false,
    });
    if (!answered.ok) return answered;
    const { message } = answered.value;
    const { result, error } = message.json;
    if (isObject(result)) void memory.remember("modern", result);
    // A server of the legacy revisions alone: the next client is told so at once.
    else if (isObject(error)) void memory.remember("modern", notModern);
    return success(message);
  }

  /** What is there in time, if anything. */
  async #soon<Value>(
    answer: Promise<Result<Value, Trouble>>,
  ): Promise<Result<Value, Trouble> | undefined> {
    const { log, patience } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), patience);
    });
    const first = await Promise.race([answer, late]);
    clearTimeout(timer);
    if (first && !first.ok && first.reason.reason !== "sign-in") log.say(first.reason.words);
    return first;
  }
}

/** @param answered nothing where it was late */
function unaskedFor(answered: Result<unknown, Trouble> | undefined): Unasked {
  return answered && !answered.ok && answered.reason.reason === "sign-in" ? "sign-in" : "no-answer";
}
