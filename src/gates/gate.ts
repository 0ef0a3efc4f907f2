import type { Caller } from "../core/caller.ts";
import type { Answer, Invocation } from "../core/endpoint.ts";
import type { OwnHost } from "./own-hosts.ts";
import type { Rejection } from "./rejection.ts";

/**
 * One condition that a request has to meet on its way from the network to the server. Gates stand in
 * one ordered list (`gates.ts`); the first that does not let a request pass decides its answer.
 */
export interface Gate {
  readonly name: string;
  pass(arrival: Arrival): Verdict | Promise<Verdict>;
}

export type Verdict =
  /** The request passes, and nothing more is known of it. */
  | undefined
  /** It passes, and this is known of it from here on. */
  | { readonly adds: Finding }
  | Refusal
  /** It is answered here, and that is no refusal: a preflight. */
  | { readonly answered: Answer };

export interface Refusal {
  readonly refused: Rejection;
  /** The gate has written it down itself; else the log gets a line. */
  readonly isOnRecord?: boolean;
}

/** A request's body, read and parsed. */
export interface RequestBody {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The JSON value; absent where the bytes are no JSON, which the protocol has its own answer to. */
  readonly json?: unknown;
  /** As how many messages it counts: those of a batch, or one, which may be as large as several. */
  readonly messages: number;
}

/** What a gate can find out. */
export interface Finding {
  /** Which of the server's hosts was asked. */
  readonly host?: OwnHost;
  /** The browser origin that may read the answer; null where the client is no browser. */
  readonly origin?: string | null;
  readonly caller?: Caller;
  readonly body?: RequestBody;
  /** Counts bytes that the request has cost, coming in or going out. */
  readonly charge?: (bytes: number) => void;
  /** Gives up what the gate holds for the request, once its answer has ended. */
  readonly release?: () => void;
}

/** A request on its way through the gates, with what they have found out so far. */
export class Arrival {
  readonly request: Request;
  readonly invocation: Invocation;
  #host: OwnHost;
  #origin: string | null | undefined;
  #caller: Caller | undefined;
  #body: RequestBody | undefined;
  #charge: (bytes: number) => void = () => {};
  readonly #releases: (() => void)[] = [];

  /** @param host what the request is answered as until its own is known */
  constructor(request: Request, invocation: Invocation, host: OwnHost) {
    this.request = request;
    this.invocation = invocation;
    this.#host = host;
  }

  add({ host, origin, caller, body, charge, release }: Finding): void {
    this.#host = host ?? this.#host;
    this.#origin = origin === undefined ? this.#origin : origin;
    this.#caller = caller ?? this.#caller;
    this.#body = body ?? this.#body;
    this.#charge = charge ?? this.#charge;
    if (release) this.#releases.push(release);
  }

  /** The host of ours that the request is answered as. */
  get host(): OwnHost {
    return this.#host;
  }

  /** Absent until it is known that host and origin are ours. */
  get origin(): string | null | undefined {
    return this.#origin;
  }

  /** @throws {Error} before the gate that finds it out */
  get caller(): Caller {
    return found(this.#caller, "caller");
  }

  /** @throws {Error} before the gate that reads it */
  get body(): RequestBody {
    return found(this.#body, "body");
  }

  /** Counts bytes that came in, or go out, against the caller's limit. */
  charge(bytes: number): void {
    this.#charge(bytes);
  }

  /** Gives up, once, whatever gates hold for this request. */
  release(): void {
    for (const release of this.#releases.splice(0)) release();
  }
}

function found<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`The list of gates asks for the ${name} too early.`);
  return value;
}
