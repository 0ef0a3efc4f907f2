import type { IncomingMessage, RequestOptions } from "node:http";
import { request } from "node:https";
import { isIP, isIPv6, type LookupFunction } from "node:net";
import { readBounded } from "../bounded-body.ts";
import { abortable, startDeadline } from "../deadline.ts";
import { codeOf } from "../error-code.ts";
import { failure, type Result, success } from "../result.ts";
import type { DocumentNetwork } from "./network.ts";
import type { DocumentProblem } from "./problem.ts";

/** Bytes: the draft recommends 5 kilobytes at most. */
const largestDocument = 5 * 1024;
/** Milliseconds for all of it: the name, the connection and the answer. */
const deadlineMilliseconds = 5_000;

/** What was found at the URL, not judged yet. */
export interface FetchedDocument {
  readonly value: unknown;
  readonly cacheControl: string | undefined;
}

/**
 * Fetches the JSON at `url`. The name is resolved once; every address that it has must be allowed, and
 * the connection goes to those addresses and no others, so a name that changes its mind (DNS rebinding)
 * gains nothing. No redirect is followed, no proxy used, no connection shared.
 */
export async function fetchDocument(
  url: URL,
  network: DocumentNetwork,
): Promise<Result<FetchedDocument, DocumentProblem>> {
  const deadline = startDeadline(deadlineMilliseconds);
  const { signal } = deadline;
  try {
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const addresses = isIP(host) ? [host] : await abortable(network.resolve(host, signal), signal);
    const isAsked = (address: string) => isIP(address) !== 0 && network.allows(address);
    if (!addresses.every(isAsked)) return failure({ kind: "address" });
    if (addresses.length === 0) return failure({ kind: "unreachable", code: "ENOTFOUND" });

    const asked = ask(
      {
        host,
        ...(url.port ? { port: url.port } : {}),
        path: url.pathname,
        headers: { Accept: "application/json", "Accept-Encoding": "identity", "User-Agent": "mcp" },
        lookup: pinnedTo(addresses),
        agent: false,
        maxHeaderSize: 16 * 1024,
        signal,
      },
      network.certificateAuthorities,
    );
    const answer = await abortable(asked, signal);
    try {
      const found = await read(answer);
      signal.throwIfAborted();
      return found;
    } finally {
      answer.destroy();
    }
  } catch (error) {
    if (signal.aborted) return failure({ kind: "timeout", milliseconds: deadlineMilliseconds });
    return failure({ kind: "unreachable", code: codeOf(error, "ECONNRESET") });
  } finally {
    deadline.end();
  }
}

/** `NODE_TLS_REJECT_UNAUTHORIZED` would change what is not said here. */
function ask(options: RequestOptions, ca: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request({ ...options, ca, rejectUnauthorized: true })
      .once("response", resolve)
      // Without this, neither an answer nor an error comes of a 101.
      .once("upgrade", (answer: IncomingMessage, socket) => {
        socket.destroy();
        resolve(answer);
      })
      .on("error", reject)
      .end();
  });
}

/** Answers with addresses that have been judged, whatever the name would resolve to by now. */
function pinnedTo(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_name, { all }, callback) => {
    const [first] = found;
    if (all || !first) callback(null, found);
    else callback(null, first.address, first.family);
  };
}

async function read(answer: IncomingMessage): Promise<Result<FetchedDocument, DocumentProblem>> {
  const { statusCode: got = 0, headers } = answer;
  if (got !== 200) return failure({ kind: "status", got });
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  if (!/^application\/(?:[\w.-]+\+)?json$/i.test(type.trim())) {
    return failure({ kind: "content-type" });
  }
  if ((headers["content-encoding"] ?? "identity") !== "identity") {
    return failure({ kind: "compressed" });
  }
  const body = await readBounded(answer, largestDocument);
  if (!body) return failure({ kind: "too-large", limit: largestDocument });
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    return success({ value: JSON.parse(text), cacheControl: headers["cache-control"] });
  } catch {
    return failure({ kind: "not-json" });
  }
}
