import { setImmediate } from "node:timers/promises";
import type { AuthInfo } from "@modelcontextprotocol/server";
import { audit, auditFieldsOf } from "../core/audit.ts";
import type { Caller } from "../core/caller.ts";
import type { Invocation, SignInChallenge } from "../core/endpoint.ts";
import { maximumResultBytes, type OwnAnswers, type OwnError } from "./own-words.ts";
import type { SignInDemand } from "./policy.ts";
import type { Outcome, ToolContext } from "./tool.ts";

/** Of the results of a batch: once they are longer, its further calls are not carried out. */
const maximumBatchBytes = 1024 * 1024;

/** The scopes of the server, as callers are told of them. */
export interface ScopeNames {
  /** The scope that every call needs, as a token has it. */
  readonly required: string;
  /** A scope as clients ask the authority for it, of its bare name. */
  qualified(scope: string): string;
  /** The authority grants no other scope: nobody is sent there for one. */
  readonly isOnly?: boolean;
}

/**
 * What one request carries through the SDK, which hands `authInfo` on untouched, and what comes back
 * past it: that a challenge takes the place of the result.
 */
export class RequestSlot implements OwnAnswers {
  readonly context: ToolContext;
  /** What the request asks for, each method once. */
  readonly methods: ReadonlySet<unknown>;
  /** Names of the tools that the request calls, whether there are such tools or not. */
  readonly calledTools: readonly string[];
  maximumBytes = maximumResultBytes;
  /** Set once the answer's status has left: then no challenge can follow. */
  hasBegun = false;
  #challenge: SignInChallenge | undefined;
  readonly #isAlone: boolean;
  readonly #calls: readonly ToolCall[];
  /** Of a batch: ends with the call before. */
  #lastCall: Promise<unknown> = Promise.resolve();
  #batchBytes = 0;
  readonly #messages: readonly unknown[];
  readonly #errors = new Map<unknown, OwnError>();

  /** @param json the body: one message, or a batch of a legacy revision */
  constructor(caller: Caller, invocation: Invocation, signal: AbortSignal, json: unknown) {
    const startedAt = performance.now();
    const messages: readonly unknown[] = Array.isArray(json) ? json : [json];
    this.#messages = messages;
    this.#isAlone = messages.length === 1;
    this.methods = new Set(messages.map(methodOf));
    this.#calls = messages.filter(isToolCall);
    for (const { params } of this.#calls) {
      // Null stands for what is left out here too; the SDK takes an object alone.
      if (params.arguments === null) delete params.arguments;
    }
    this.calledTools = this.#calls.map(({ params }) => params.name);
    this.context = {
      caller,
      signal,
      log: invocation.log,
      audit: (event) =>
        audit(invocation.log, {
          ...event,
          ...auditFieldsOf(caller),
          durationMilliseconds: Math.round(performance.now() - startedAt),
          correlationId: invocation.id,
        }),
      progress: () => {},
    };
  }

  /** @throws {Error} where a request came past {@link authInfo} */
  static of(authInfo: AuthInfo | undefined): RequestSlot {
    const slot = authInfo?.extra?.slot;
    if (!(slot instanceof RequestSlot)) throw new Error("A request without its slot.");
    return slot;
  }

  /** What takes the place of the answer, if anything does. */
  get challenge(): SignInChallenge | undefined {
    return this.#challenge;
  }

  /**
   * What the SDK is told of the caller. The access token stays with the caller.
   *
   * @param resourceMetadataUrl where clients read which scopes there are
   */
  authInfo({ qualified }: ScopeNames, resourceMetadataUrl: string): AuthInfo {
    const { clientId, scopes, expiresAt } = this.context.caller;
    return {
      token: "",
      clientId,
      scopes: scopes.map(qualified),
      expiresAt,
      resourceMetadataUrl,
      extra: { slot: this },
    };
  }

  /** A call's arguments as they came: the SDK drops a member called `__proto__` in silence. */
  argumentsOf(id: unknown): unknown {
    return this.#calls.find((call) => call.id === id)?.params.arguments;
  }

  /** The texts that messages of a method name something by: of `resources/read` its `uri`. */
  named(method: string, parameter: string): string[] {
    return this.#messages.flatMap((message) => {
      const params = methodOf(message) === method && isObject(message) ? message.params : undefined;
      const name = isObject(params) ? params[parameter] : undefined;
      return typeof name === "string" ? [name] : [];
    });
  }

  /** An error to throw to the SDK, which knows nothing of it but that there is one. */
  fail(id: unknown, error: OwnError): Error {
    this.#errors.set(id, error);
    return new Error("In words of this server.");
  }

  errorOf = (id: unknown): OwnError | undefined => this.#errors.get(id);

  /**
   * Does a piece of work and settles it. A batch has one turn of its caller, so what it asks for is done
   * piece by piece, and other requests in between.
   */
  async run<Answer>({ signal, work, undone }: Turn<Answer>): Promise<Answer> {
    if (this.#isAlone) return this.settle(await work());
    const inTurn = async () => {
      const reason = this.#reasonToLeave(signal);
      const outcome = reason ? undone(reason) : await work();
      this.#batchBytes += Buffer.byteLength(JSON.stringify(outcome.result));
      return this.settle(outcome);
    };
    const result = this.#lastCall.then(inTurn);
    // Once time is up, nothing runs any more, and all calls have to be answered at once.
    const letOthersRun = () => (this.context.signal.aborted ? undefined : setImmediate());
    this.#lastCall = result.then(letOthersRun, letOthersRun);
    return result;
  }

  /** Why a piece of a batch is not begun, if it is not. Of a cancelled one nobody reads the words. */
  #reasonToLeave(signal: AbortSignal): Undone | undefined {
    if (signal.aborted) return "cancelled";
    return this.#batchBytes > maximumBatchBytes ? "batch-too-large" : undefined;
  }

  /** Takes an outcome: writes it down, and keeps what the client has to be challenged for. */
  settle<Answer>({ result, event, ...demand }: Outcome<Answer>): Answer {
    // What else a batch has done would be told to nobody, and then be done once more.
    const challenge = this.#isAlone && !this.hasBegun ? this.#challengeFor(demand) : undefined;
    this.#challenge ??= challenge;
    if (event) this.context.audit(challenge ? { ...event, outcome: "challenged" } : event);
    return result;
  }

  /** Claims are for a client that can have them fulfilled: another would only loop. */
  #challengeFor({ claims, isSignInEnded }: SignInDemand): SignInChallenge | undefined {
    if (claims !== undefined && this.context.caller.handlesClaimsChallenges) {
      return { kind: "claims-challenge", claims };
    }
    return isSignInEnded ? { kind: "sign-in-ended" } : undefined;
  }
}

type Undone = "cancelled" | "batch-too-large";

/** A piece of work of a request. */
export interface Turn<Answer> {
  /** Aborts when nobody waits for it any more. */
  readonly signal: AbortSignal;
  work(): Promise<Outcome<Answer>>;
  /** What becomes of it where it is not begun. */
  undone(reason: Undone): Outcome<Answer>;
}

/** Says of what is not begun that it is not. */
export function undoneText(named: string): string {
  return `${named} was not carried out: the answers to this request are too large already. Send the call in another request.`;
}

function methodOf(message: unknown): unknown {
  return isObject(message) ? message.method : undefined;
}

interface ToolCall {
  readonly id?: unknown;
  readonly params: { readonly name: string; arguments?: unknown };
}

function isToolCall(message: unknown): message is ToolCall {
  if (!isObject(message) || message.method !== "tools/call") return false;
  const { params } = message;
  return isObject(params) && typeof params.name === "string";
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
