import { abortable, graceMilliseconds, startDeadline } from "../core/deadline.ts";
import type {
  Answer,
  Delivery,
  Endpoint,
  Invocation,
  Pieces,
  SignInChallenge,
} from "../core/endpoint.ts";
import { type Log, thrown } from "../core/log.ts";
import type { Result } from "../core/result.ts";
import { sharingHeaders } from "./cors.ts";
import { Arrival, type Gate, type Refusal } from "./gate.ts";
import { ownHost } from "./own-hosts.ts";
import type { ProtectedResource } from "./protected-resource-metadata.ts";
import { charged } from "./rate-limits.ts";
import { countOf, type RefusalSums } from "./refusal-sums.ts";
import { answerTo, type Rejection, serverErrorAnswer, timeoutAnswer } from "./rejection.ts";

/**
 * What the gates lead to: the answer, or what the caller has to fulfil in a new sign-in first. Where
 * `signal` aborts, there are {@link graceMilliseconds} left to answer.
 */
export type Serve = (
  arrival: Arrival,
  signal: AbortSignal,
) => Promise<Result<Answer, SignInChallenge>>;

export interface GuardedOptions {
  readonly gates: readonly Gate[];
  /** Under the public URL; a request is answered as the resource of the host that it asked. */
  readonly resource: ProtectedResource;
  readonly serve: Serve;
  readonly refusals: RefusalSums;
}

/** A call's time: well within the 230 s after which the platform's front end cuts a request. */
export const requestMilliseconds = 60_000;

/**
 * Lets a request through the gates to `serve`, and its answer out: the one way in and the one way
 * out. What gates hold for a request is released when the platform has taken the last byte of its answer,
 * when the answer is cut off because nobody reads it, or when the request's time is up before it is
 * made, whichever comes first.
 */
export function createGuardedEndpoint(options: GuardedOptions): Endpoint {
  const { resource, serve } = options;
  const publicHost = ownHost(resource.url);
  return async (request, invocation) => {
    const arrival = new Arrival(request, invocation, publicHost);
    try {
      const early = await stoppedBy(arrival, options);
      if (early) {
        arrival.release();
        return respond(early, arrival.origin);
      }
      return await answerInTime(arrival, serve, resource);
    } catch (error) {
      arrival.release();
      throw error;
    }
  };
}

async function stoppedBy(
  arrival: Arrival,
  { gates, resource, refusals }: GuardedOptions,
): Promise<Answer | undefined> {
  for (const gate of gates) {
    const judged = gate.pass(arrival);
    const verdict = judged instanceof Promise ? await judged : judged;
    if (!verdict) continue;
    if ("answered" in verdict) return verdict.answered;
    if ("refused" in verdict) {
      record(verdict, arrival.invocation, refusals);
      return answerTo(verdict.refused, { ...resource, url: arrival.host.resource });
    }
    arrival.add(verdict.adds);
  }
  return undefined;
}

/** Refusals of requests that count against no caller's limit. */
const uncounted: ReadonlySet<Rejection["kind"]> = new Set([
  "headers-overridden",
  "foreign-host",
  "foreign-origin",
  "headers-too-large",
  "address-rate-limited",
  "method-not-allowed",
  "wrong-media-type",
  "caller-rate-limited",
] satisfies Rejection["kind"][]);

function record(
  { refused, isOnRecord = false }: Refusal,
  { log }: Invocation,
  refusals: RefusalSums,
): void {
  if (isOnRecord) return;
  const { kind, ...details } = refused;
  const write = (log: Log, count: number) =>
    log("warn", "request.refused", { reason: kind, ...details, ...countOf(count) });
  if (uncounted.has(kind)) refusals.count(kind, log, write);
  else write(log, 1);
}

async function answerInTime(
  arrival: Arrival,
  serve: Serve,
  resource: ProtectedResource,
): Promise<Response> {
  const { log, delivery } = arrival.invocation;
  // A tool that writes and runs out of time still tells that its outcome is not known.
  const toEnd = startDeadline(requestMilliseconds - graceMilliseconds);
  const deadline = startDeadline(requestMilliseconds, () => arrival.release());
  const { signal } = deadline;
  const end = () => {
    toEnd.end();
    deadline.end();
    if (delivery) delivery.end(() => arrival.release());
    else arrival.release();
  };
  try {
    const served = await abortable(serve(arrival, toEnd.signal), signal);
    const answer = served.ok
      ? personal(charged(served.value, arrival))
      : answerTo(served.reason, { ...resource, url: arrival.host.resource });
    return respond(answer, arrival.origin, { signal, log, delivery, end });
  } catch (error) {
    if (!signal.aborted) throw error;
    log("warn", "request.timed-out");
    return respond(timeoutAnswer, arrival.origin);
  }
}

/** What is told to one caller is for no cache, and a stream for no proxy to gather up. */
function personal({ status, headers, body }: Answer): Answer {
  return { status, headers: { ...headers, "cache-control": "no-store, no-transform" }, body };
}

/** What is left to do while a body leaves. */
interface Leaving {
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly delivery: Delivery | undefined;
  /** Called once nothing of the body is left to send, for whatever reason. */
  end(): void;
}

/** The answer as a response that the page at `origin`, if the client is a page, may read. */
function respond(answer: Answer, origin: string | null | undefined, leaving?: Leaving): Response {
  const { status, body } = answer;
  const headers = { ...answer.headers, ...sharingHeaders(origin) };
  if (body !== null && leaving) return new Response(streamOf(body, leaving), { status, headers });
  leaving?.end();
  return wholeResponse(answer, headers);
}

/** An answer that is there whole, as a response. */
export function wholeResponse({ status, body, headers }: Answer, shared = headers): Response {
  if (isPieces(body)) throw new TypeError("This body is not whole.");
  return new Response(body, { status, headers: shared });
}

const encoder = new TextEncoder();

function isPieces(body: Answer["body"]): body is Pieces {
  return typeof body === "object" && body !== null && "next" in body;
}

/**
 * A body that never fails, since one that does hangs the client of the platform: a failure, or the
 * end of the request's time, ends it early and leaves a line in the log.
 */
function streamOf(
  body: NonNullable<Answer["body"]>,
  { signal, log, delivery, end }: Leaving,
): ReadableStream<Uint8Array> {
  if (!isPieces(body)) return inOnePiece(body, end);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          // The platform's library asks for the next piece whether or not the last one could be sent.
          const ready = delivery?.ready();
          if (ready !== undefined) await abortable(ready, signal);
          const { value } = await abortable(body.next(), signal);
          if (value) return controller.enqueue(value);
        } catch (error) {
          log("error", "response.failed", { cause: thrown(error) });
          void giveUp(body, log);
        }
        controller.close();
        end();
      },
      cancel() {
        end();
        return giveUp(body, log);
      },
    },
    { highWaterMark: 0 },
  );
}

function inOnePiece(body: string | Uint8Array, end: Leaving["end"]): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        controller.enqueue(typeof body === "string" ? encoder.encode(body) : body);
        controller.close();
        end();
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}

async function giveUp(rest: Pieces, log: Log): Promise<void> {
  try {
    await rest.cancel();
  } catch (error) {
    log("error", "response.cancel-failed", { cause: thrown(error) });
  }
}

/**
 * Answers a request whatever happens: the platform answers a handler that throws with nothing at all
 * (https://github.com/Azure/azure-functions-nodejs-library/issues/324).
 */
export async function unfailing(respond: () => Promise<Response>, log: Log): Promise<Response> {
  try {
    return await respond();
  } catch (error) {
    log("error", "request.failed", { cause: thrown(error) });
    return wholeResponse(serverErrorAnswer);
  }
}
