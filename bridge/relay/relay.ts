import { isObject } from "../../src/core/encoding.ts";
import { thrown } from "../../src/core/log.ts";
import { failure, type Result, success } from "../../src/core/result.ts";
import type { BridgeLog } from "../log.ts";
import { letEnd } from "./answer.ts";
import { type Ask, sessionHeader } from "./ask.ts";
import type { Carry } from "./carrier.ts";
import { type Conversation, unlessCancelled } from "./conversation.ts";
import { modernHeaders, modernVersionOf } from "./era.ts";
import type { Line } from "./lines.ts";
import {
  asRequest,
  codes,
  errorLine,
  isId,
  isNotification,
  isResponse,
  keyOf,
  type Message,
  notificationLine,
  type RequestMessage,
  readJson,
  readMessage,
  resultLine,
} from "./message.ts";
import type { Opening, OpeningOptions } from "./opening.ts";
import type { Output } from "./output.ts";
import { ParameterHeaders } from "./parameter-headers.ts";
import { emptyList, listKindOf } from "./told.ts";
import { defect, otherRevision, type Trouble } from "./trouble.ts";

export interface RelayOptions {
  readonly ask: Ask;
  readonly carry: Carry;
  readonly output: Output;
  readonly log: BridgeLog;
  /** Aborts when the program ends. */
  readonly ending: AbortSignal;
  readonly createOpening: (options: Pick<OpeningOptions, "pass" | "onOpened">) => Opening;
}

/** Of requests that wait for their answer, and of messages in a batch. */
const maximumPending = 100;
const maximumBatch = 100;

/** Takes what the client sends, and sees to it that each request is answered once. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #opening: Opening;
  readonly #pending = new Map<string, { method: string; controller: AbortController }>();
  readonly #parameters = new ParameterHeaders();
  /** What the server has asked the client, and is still to be answered. */
  readonly #askedBack = new Set<string>();
  /** Kinds of lists that the client asked for in vain while nobody was signed in. */
  readonly #lostLists = new Set<string>();
  #conversation: Conversation | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    // One for all: each AbortSignal.any() leaves something on a signal that lasts (Node 24.21).
    const end = () => {
      for (const { controller } of this.#pending.values()) controller.abort();
    };
    options.ending.addEventListener("abort", end, { once: true });
    this.#opening = options.createOpening({
      pass: (message) => this.#pass(message),
      onOpened: () => this.#opened(),
    });
  }

  /** The client sends nothing more: what has no end by itself is let go of. */
  endSubscriptions(): void {
    for (const { method, controller } of this.#pending.values()) {
      if (method === "subscriptions/listen") controller.abort();
    }
  }

  /** Resolves once what the line holds is answered. */
  async receive(line: Line): Promise<void> {
    const answer = await this.#answerTo(line);
    if (answer !== undefined) await this.#options.output.send(answer);
  }

  async #answerTo(line: Line): Promise<string | undefined> {
    if (typeof line !== "string") {
      const words =
        line.fault === "not-utf8"
          ? "The line is not UTF-8."
          : "The line is too long to be a message.";
      return errorLine(null, codes.parseError, words, line.fault);
    }
    const json = readJson(line);
    if (json === undefined) {
      const words = "The line is not JSON, or it has no end to its depth.";
      return errorLine(null, codes.parseError, words, "not-json");
    }
    if (Array.isArray(json)) return this.#answerBatch(json);
    return this.#answer(readMessage(line));
  }

  /** Each message goes by itself; the answers come back together (JSON-RPC 2.0 section 6). */
  async #answerBatch(batch: readonly unknown[]): Promise<string | undefined> {
    if (batch.length === 0 || batch.length > maximumBatch) {
      const words = `A batch has from one to ${maximumBatch} messages.`;
      return errorLine(null, codes.invalidRequest, words, "batch");
    }
    const answers = await Promise.all(
      batch.map((json) => this.#answer(readMessage(JSON.stringify(json)))),
    );
    const lines = answers.filter((answer) => answer !== undefined);
    return lines.length === 0 ? undefined : `[${lines.join(",")}]`;
  }

  async #answer(message: Message | undefined): Promise<string | undefined> {
    const request = message && asRequest(message);
    if (request) return this.#answerRequest(request);
    if (message && isNotification(message)) await this.#notified(message);
    else if (message && isResponse(message)) await this.#answeredBack(message);
    else {
      const id = message && isId(message.json.id) ? message.json.id : null;
      return errorLine(id, codes.invalidRequest, "This is no JSON-RPC 2.0 message.", "invalid");
    }
    return undefined;
  }

  async #answerRequest(request: RequestMessage): Promise<string | undefined> {
    const { id, method } = request;
    const key = keyOf(id);
    if (this.#pending.has(key)) {
      const words = "A request with this id is still waiting for its answer.";
      return errorLine(id, codes.invalidRequest, words, "repeated-id");
    }
    if (this.#pending.size >= maximumPending) {
      const words = `${maximumPending} requests are waiting for their answers. Try again later.`;
      return errorLine(id, codes.internalError, words, "too-many-requests");
    }
    const controller = new AbortController();
    this.#pending.set(key, { method, controller });
    const { signal } = controller;
    if (this.#options.ending.aborted) controller.abort();
    let answered: Result<string, Trouble>;
    try {
      answered = await this.#outcome(request, signal);
    } catch (error) {
      this.#options.log.say(`The bridge has a defect: ${thrown(error)}`);
      answered = failure(defect);
    } finally {
      this.#pending.delete(key);
    }
    const kind = listKindOf(method);
    if (!answered.ok && kind !== undefined) this.#lostLists.add(kind);
    if (answered.ok && kind !== undefined) this.#lostLists.delete(kind);
    if (signal.aborted) return undefined;
    if (answered.ok) return answered.value;
    const { reason, words } = answered.reason;
    this.#options.log.say(words);
    return errorLine(id, codes.internalError, words, reason);
  }

  async #outcome(request: RequestMessage, signal: AbortSignal): Promise<Result<string, Trouble>> {
    const { id, method, params } = request;
    const version = modernVersionOf(params);
    if (version !== undefined) {
      if (method === "server/discover") {
        return success(await this.#opening.discover(request, version));
      }
      return this.#outcomeModern(request, version, signal);
    }
    if (method === "initialize") {
      this.#lostLists.clear();
      const { line, conversation } = this.#opening.begin(request);
      // At once: a client in a hurry may not wait for the answer before it asks on.
      this.#conversation = conversation;
      return success(await line);
    }
    // Whether the server is there shows with the next request; the client asks whether the bridge is.
    if (method === "ping") return success(resultLine(id, {}));
    return this.#outcomeLegacy(request, signal);
  }

  async #outcomeModern(
    request: RequestMessage,
    version: string,
    signal: AbortSignal,
  ): Promise<Result<string, Trouble>> {
    const { id, method, params } = request;
    const { ask, output } = this.#options;
    let hasBegun = false;
    const answered = await ask({
      request,
      headers: {
        ...modernHeaders(version, request),
        ...(method === "tools/call" && this.#parameters.headersOf(params)),
      },
      interactive: true,
      signal,
      pass: (message) => {
        hasBegun = true;
        return output.send(message.text);
      },
      mayAskBack: false,
    });
    if (answered.ok) {
      const { message } = answered.value;
      if (method === "tools/list") this.#parameters.learn(message);
      this.#opening.discoverLater();
      return success(message.text);
    }
    // Over HTTP the end of its stream ends a subscription, over stdio the server has to say so
    // (2026-07-28, "Subscriptions").
    if (method === "subscriptions/listen" && hasBegun) {
      const params = { requestId: id, reason: answered.reason.words };
      return success(notificationLine("notifications/cancelled", params));
    }
    return answered;
  }

  async #outcomeLegacy(
    request: RequestMessage,
    signal: AbortSignal,
  ): Promise<Result<string, Trouble>> {
    const { id, method } = request;
    const conversation = this.#conversation;
    if (!conversation) return this.#askLegacy(request, {}, signal);
    const opened = await unlessCancelled(conversation.open(true), signal);
    if (!opened.ok) return opened;
    const { error } = opened.value.json;
    if (isObject(error)) return failure(otherRevision(error));
    const empty = conversation.isTold && emptyList(method, conversation.result?.capabilities);
    if (empty) return success(resultLine(id, empty));
    const { headers } = conversation;
    const answered = await this.#askLegacy(request, headers, signal);
    if (answered.ok || answered.reason.reason !== "session-lost") return answered;
    conversation.forget(headers[sessionHeader]);
    const anew = await unlessCancelled(conversation.open(true), signal);
    return anew.ok ? this.#askLegacy(request, conversation.headers, signal) : anew;
  }

  async #askLegacy(
    request: RequestMessage,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Result<string, Trouble>> {
    const answered = await this.#options.ask({
      request,
      headers,
      interactive: true,
      signal,
      pass: (message) => this.#pass(message),
      mayAskBack: true,
    });
    return answered.ok ? success(answered.value.message.text) : answered;
  }

  /** What the server sends on its own goes on as it came. */
  async #pass(message: Message): Promise<void> {
    const { id } = message.json;
    if (isId(id)) {
      if (this.#askedBack.size >= maximumPending) return;
      this.#askedBack.add(keyOf(id));
    }
    await this.#options.output.send(message.text);
  }

  /** After the handshake with the server. */
  #opened(): void {
    void this.#tell(notificationLine("notifications/initialized"), "notifications/initialized");
    if (!this.#conversation?.isTold) return;
    for (const kind of this.#lostLists) {
      void this.#options.output.send(notificationLine(`notifications/${kind}/list_changed`));
    }
    this.#lostLists.clear();
  }

  async #notified({ text, json }: Message): Promise<void> {
    const { method, params } = json;
    const isOpen = this.#conversation?.result !== undefined;
    if (method === "notifications/cancelled") {
      const id = isObject(params) ? params.requestId : undefined;
      const pending = isId(id) ? this.#pending.get(keyOf(id)) : undefined;
      if (!pending) return;
      pending.controller.abort();
      // In the modern era the end of its stream cancels a request; before, this message does.
      if (!isOpen) return;
    } else if (method === "notifications/initialized") return;
    if (isOpen) await this.#tell(text, String(method));
    else this.#options.log.detail("Dropped a notification of the client's: nothing takes it.");
  }

  /** The client's answer to what the server has asked on the stream of another answer. */
  async #answeredBack({ text, json: { id } }: Message): Promise<void> {
    if (isId(id) && this.#askedBack.delete(keyOf(id))) await this.#tell(text, "an answer");
    else this.#options.log.say("Dropped an answer of the client's to what nobody asked.");
  }

  /** Sends what has no answer. Where it is lost, nobody could be told. */
  async #tell(body: string, what: string): Promise<void> {
    const { carry, ending, log } = this.#options;
    const carried = await carry({
      body,
      headers: this.#conversation?.headers ?? {},
      what,
      isRepeatable: false,
      interactive: false,
      signal: ending,
    });
    if (!carried.ok) return log.detail(`${what}: ${carried.reason.words}`);
    log.detail(`${what}: ${carried.value.status}`);
    letEnd(carried.value.body);
  }
}
