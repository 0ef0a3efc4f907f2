import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { setTimeout as delayFor } from "node:timers/promises";
import { codeOf } from "../../src/core/error-code.ts";
import { AddressGuard, refusedAddress } from "./address-guard.ts";
import type { Exchange, Header, Problem } from "./exchange.ts";

/** A request as it goes over the wire, malformed where a check wants it so. */
export interface OutgoingRequest {
  /** What is sent, in words, for the report: method and URL unless given. */
  readonly sent?: string;
  readonly method: string;
  readonly url: URL;
  /** As they stand, repetitions included. `Host` is added where it is missing. */
  readonly headers?: readonly Header[];
  readonly body?: string;
  /** Sends the body without saying how long it is. */
  readonly chunked?: boolean;
  /** Credentials in places other than the `Authorization` header. */
  readonly secrets?: readonly string[];
}

export interface ClientOptions {
  /** What the client calls itself. */
  readonly userAgent: string;
  /** For a whole exchange, in milliseconds. */
  readonly timeout: number;
  /** Requests under way at the same time. */
  readonly concurrency: number;
  /** Milliseconds to leave between the starts of two requests; none unless given. */
  readonly pause?: number | undefined;
  /** Milliseconds by a clock that nobody sets. */
  readonly now?: () => number;
  /** Takes milliseconds. */
  readonly delay?: (milliseconds: number) => Promise<unknown>;
  /** Judges addresses; by default from the first host that answers. */
  readonly guard?: AddressGuard;
}

export interface Client {
  /** Sends once. Never rejects: what went wrong stands in the exchange. */
  send(request: OutgoingRequest): Promise<Exchange>;
  /** All exchanges so far. */
  readonly transcript: readonly Exchange[];
  /** Closes what connections are still kept. */
  close(): void;
}

/** No check reads more of an answer, in characters. */
const maximumBodyLength = 1024 * 1024;
const uploadChunkLength = 64 * 1024;
/** More headers than this, in characters, may make a server hang up. */
const ordinaryHeaderLength = 16 * 1024;
/** Milliseconds: less than any server waits before it closes a connection that is not used. */
const idleTimeout = 1_000;
/** The longest wait that a server gets, in milliseconds, whatever it asks for. */
const longestHold = 60_000;
/** Shorter texts could occur anywhere by chance. */
const shortestSecret = 16;

/**
 * A client on `node:http`, since `fetch` sets `Host` and `Origin` itself, folds repeated headers and
 * refuses some methods. A request that may make a server hang up gets its own connection, so that it
 * spoils no other one. After a 429 the client waits as long as the server asks. Nothing is ever sent
 * twice.
 */
export function createClient(options: ClientOptions): Client {
  const { now = () => performance.now(), concurrency, pause = 0, delay = delayFor } = options;
  const guard = options.guard ?? new AddressGuard();
  const transcript: Exchange[] = [];
  const waiting: (() => void)[] = [];
  let running = 0;
  let notBefore = 0;
  const agentOptions = { keepAlive: true, maxSockets: concurrency, timeout: idleTimeout };
  const agents = { "http:": new HttpAgent(agentOptions), "https:": new HttpsAgent(agentOptions) };

  async function enter(): Promise<void> {
    if (running >= concurrency) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    for (let wait = notBefore - now(); wait > 0; wait = notBefore - now()) await delay(wait);
    notBefore = now() + pause;
  }

  /** The next request in line takes over the place, so `running` stays the same. */
  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }

  return {
    transcript,
    async send(request) {
      await enter();
      try {
        const agent = request.url.protocol === "https:" ? agents["https:"] : agents["http:"];
        const exchange = await exchangeOnce(request, agent, guard, options);
        transcript.push(exchange);
        if (exchange.answer?.status === 429) {
          const hold = retryAfter(exchange.answer.headers.get("retry-after"));
          notBefore = Math.max(notBefore, now() + Math.min(hold, longestHold));
        }
        return exchange;
      } finally {
        leave();
      }
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

/** In milliseconds; a second where the server does not say it in seconds (RFC 9110 section 10.2.3). */
function retryAfter(value: string | null): number {
  return value !== null && /^\d+$/.test(value) ? Number(value) * 1000 : 1000;
}

function exchangeOnce(
  request: OutgoingRequest,
  agent: HttpAgent,
  guard: AddressGuard,
  { timeout, userAgent }: ClientOptions,
): Promise<Exchange> {
  const { method, url, body, chunked = false, sent = `${method} ${url}` } = request;
  const headers = completeHeaders(request, userAgent);
  const isUpload = chunked || (body?.length ?? 0) > uploadChunkLength;
  const isOrdinary = !isUpload && headers.flat().join("").length < ordinaryHeaderLength;
  const signal = AbortSignal.timeout(timeout);
  const explain = (error: unknown): Problem =>
    signal.aborted
      ? { kind: "timeout", words: `no end within ${timeout / 1000} s` }
      : problemOf(error);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const options: RequestOptions = {
    method,
    agent: isOrdinary ? agent : false,
    headers: headers.flat(),
    signal,
    path: `${url.pathname}${url.search}`,
    host,
    lookup: guard.lookup,
    ...(url.port ? { port: url.port } : {}),
  };
  const result = { sent, url: url.href, secrets: secretsOf(request, headers) };

  const refusal = guard.refusalOf(host);
  if (refusal) {
    return Promise.resolve({ ...result, answer: undefined, problem: explain(refusal) });
  }
  return new Promise((resolve) => {
    const outgoing = url.protocol === "https:" ? httpsRequest(options) : httpRequest(options);
    let isAnswered = false;
    outgoing.once("response", (incoming) => {
      isAnswered = true;
      guard.answered(host, incoming.socket.remoteAddress);
      void readAnswer(incoming, explain).then((read) => {
        if (!isOrdinary || read.problem || !incoming.complete) outgoing.destroy();
        resolve({ ...result, ...read });
      });
    });
    // Neither an answer nor an error would come of it.
    outgoing.once("upgrade", (_answer, socket) => {
      socket.destroy();
      resolve({ ...result, answer: undefined, problem: upgraded });
    });
    // A server may answer and close before it has read all; then the answer counts.
    outgoing.on("error", (error) => {
      if (!isAnswered) resolve({ ...result, answer: undefined, problem: explain(error) });
    });
    if (isUpload) upload(outgoing, body ?? "");
    else outgoing.end(body);
  });
}

function completeHeaders(request: OutgoingRequest, userAgent: string): Header[] {
  const { url, headers = [], body, chunked } = request;
  const isHostGiven = headers.some(([name]) => name.toLowerCase() === "host");
  const complete: Header[] = isHostGiven ? [...headers] : [["Host", url.host], ...headers];
  complete.push(["User-Agent", userAgent]);
  if (chunked) complete.push(["Transfer-Encoding", "chunked"]);
  else if (body !== undefined) complete.push(["Content-Length", String(Buffer.byteLength(body))]);
  return complete;
}

function secretsOf({ secrets = [] }: OutgoingRequest, headers: readonly Header[]): string[] {
  const values = headers
    .filter(([name]) => name.toLowerCase() === "authorization")
    .flatMap(([, value]) => value.split(/[\s,]+/));
  return [...values, ...secrets].filter((secret) => secret.length >= shortestSecret);
}

/** Piece by piece, so that a server that refuses meanwhile is heard before it closes. */
function upload(outgoing: ReturnType<typeof httpRequest>, body: string): void {
  const bytes = Buffer.from(body);
  let offset = 0;
  const next = (): void => {
    if (outgoing.destroyed) return;
    const piece = bytes.subarray(offset, offset + uploadChunkLength);
    offset += piece.length;
    if (offset >= bytes.length) outgoing.end(piece);
    else outgoing.write(piece, () => setImmediate(next));
  };
  next();
}

async function readAnswer(
  incoming: IncomingMessage,
  explain: (error: unknown) => Problem,
): Promise<Pick<Exchange, "answer" | "problem">> {
  const headers = new Headers();
  for (let index = 0; index + 1 < incoming.rawHeaders.length; index += 2) {
    headers.append(incoming.rawHeaders[index] ?? "", incoming.rawHeaders[index + 1] ?? "");
  }
  const isStream = headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  let body = "";
  let problem: Problem | undefined;
  let examined = 0;
  try {
    for await (const chunk of incoming.setEncoding("utf8")) {
      body += chunk;
      if (body.length > maximumBodyLength) problem = tooLong;
      if (problem !== undefined) break;
      const end = isStream ? endOfEvents(body) : 0;
      if (end > examined && holdsResponse(body.slice(examined, end))) break;
      examined = Math.max(examined, end);
    }
  } catch (error) {
    problem = explain(error);
  }
  const status = incoming.statusCode ?? 0;
  return { answer: { status, headers, body, complete: problem === undefined }, problem };
}

/** Where the last whole event of a stream ends. */
function endOfEvents(stream: string): number {
  return Math.max(stream.lastIndexOf("\n\n"), stream.lastIndexOf("\n\r\n")) + 1;
}

/** Whether an event is a JSON-RPC response. Nothing after it in the stream belongs to a request. */
function holdsResponse(events: string): boolean {
  return /^data:.*"(?:result|error)"\s*:/m.test(events);
}

const upgraded: Problem = { kind: "closed", words: "it switched to another protocol (101)" };
const tooLong: Problem = { kind: "too-long", words: "a body too long to be read whole" };

const untrusted =
  ". Who signed its certificate is not known here: name a file that holds theirs in NODE_EXTRA_CA_CERTS";
const remedies: Readonly<Record<string, string>> = {
  ECONNREFUSED: ". Nothing listens there: does the server run, and is the port right?",
  ENOTFOUND: ". There is no host of that name",
  [refusedAddress]:
    ". It leads to this machine or a private network, and the server that names it is not there",
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  ERR_TLS_CERT_ALTNAME_INVALID: ". Its certificate is for another host name",
  CERT_HAS_EXPIRED: ". Its certificate has expired",
  EPROTO: ". It does not speak TLS there: is it http?",
};

function problemOf(error: unknown): Problem {
  const code = codeOf(error, "ECONNRESET");
  return code === "ECONNRESET" || code === "EPIPE"
    ? { kind: "closed", words: "the connection was closed" }
    : { kind: "unreachable", words: `no answer (${code})${remedies[code] ?? ""}` };
}
