import { failure, type Result, success } from "../../src/core/result.ts";
import { type Clock, systemClock } from "./clock.ts";

/** Microsoft Graph, as far as the hooks and `npm run register-client` take it. */
export interface Graph {
  /** The JSON of what is at a path, or at the link to a next page; nothing where there is nothing. */
  get(pathOrLink: string): Promise<Result<unknown, GraphFailure>>;
  /** Deletes what is at a path; tells whether there was anything. */
  delete(path: string): Promise<Result<"deleted" | "absent", GraphFailure>>;
  /** Makes an object in a collection; gives its JSON. */
  post(path: string, body: object): Promise<Result<unknown, GraphFailure>>;
  /** Changes the properties that `body` has, within complex ones such as `api` too. */
  patch(path: string, body: object): Promise<Result<unknown, GraphFailure>>;
  /**
   * Changes what is at an alternate key, or makes it; gives the JSON of what was made, nothing where
   * it was there.
   *
   * @see https://learn.microsoft.com/graph/api/application-upsert
   */
  upsert(path: string, body: object): Promise<Result<unknown, GraphFailure>>;
}

export type GraphFailure =
  | { readonly kind: "not-allowed"; readonly status: number }
  | {
      readonly kind: "refused";
      readonly status: number;
      /** What Graph says of it, which may be nothing. */
      readonly detail: string;
      /** Graph's codes, such as `Request_BadRequest`, those of the details after the error's own. */
      readonly codes: readonly string[];
      /** Until it may be asked again, where it was only too busy. */
      readonly pauseMilliseconds?: number | undefined;
    }
  | { readonly kind: "unreachable"; readonly detail: string };

export interface GraphOptions {
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly accessToken: string;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
}

/** Graph's address in the cloud that the environment is of, without a slash at the end. */
export function graphEndpointOf(env: NodeJS.ProcessEnv): string {
  return (env.GRAPH_ENDPOINT || "https://graph.microsoft.com").replace(/\/$/, "");
}

const answerWithinMilliseconds = 30_000;
/** How often a request is sent again that Graph has turned away, and what it may ask to wait for. */
const mostAttempts = 4;
const longestPauseMilliseconds = 60_000;

export function createGraph(options: GraphOptions): Graph {
  const base = `${options.endpoint}/v1.0`;

  /** @see https://learn.microsoft.com/graph/throttling */
  async function send(...request: Parameters<typeof sendOnce>): ReturnType<typeof sendOnce> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await sendOnce(...request);
      if (answer.ok || answer.reason.kind !== "refused" || attempt === mostAttempts) return answer;
      const { pauseMilliseconds } = answer.reason;
      if (pauseMilliseconds === undefined) return answer;
      await (options.clock ?? systemClock).wait(pauseMilliseconds);
    }
  }

  async function sendOnce(
    method: string,
    url: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Result<Response, GraphFailure>> {
    // The access token goes to Graph alone, wherever a page's link leads.
    if (!url.startsWith(`${base}/`)) {
      return failure({ kind: "unreachable", detail: "A link led away from Microsoft Graph." });
    }
    // `fetch` would put it into its error's message.
    if (!/^[\w.~+/=-]+$/.test(options.accessToken)) {
      return failure({ kind: "unreachable", detail: "What was printed is no access token." });
    }
    try {
      const response = await (options.fetch ?? fetch)(url, {
        method,
        headers: {
          ...headers,
          ...(body && { "content-type": "application/json" }),
          authorization: `Bearer ${options.accessToken}`,
        },
        ...(body && { body: JSON.stringify(body) }),
        redirect: "error",
        signal: AbortSignal.timeout(answerWithinMilliseconds),
      });
      const { status } = response;
      if (status === 401 || status === 403) return failure({ kind: "not-allowed", status });
      if (!response.ok && (status !== 404 || body)) {
        const pauseMilliseconds = pauseOf(response);
        return failure({
          kind: "refused",
          status,
          pauseMilliseconds,
          ...(await errorIn(response)),
        });
      }
      return success(response);
    } catch (error) {
      return failure({ kind: "unreachable", detail: causeOf(error) });
    }
  }

  async function change(method: string, path: string, body: object, headers = {}) {
    const answer = await send(method, base + path, body, headers);
    if (!answer.ok) return answer;
    return answer.value.status === 204 ? success(undefined) : jsonOf(answer.value);
  }

  return {
    post: (path, body) => change("POST", path, body),
    patch: (path, body) => change("PATCH", path, body),
    upsert: (path, body) => change("PATCH", path, body, { prefer: "create-if-missing" }),
    async get(pathOrLink) {
      const url = pathOrLink.startsWith("/") ? base + pathOrLink : pathOrLink;
      const answer = await send("GET", url);
      if (!answer.ok) return answer;
      return answer.value.status === 404 ? success(undefined) : jsonOf(answer.value);
    },
    async delete(path) {
      const answer = await send("DELETE", base + path);
      if (!answer.ok) return answer;
      return success(answer.value.status === 404 ? "absent" : "deleted");
    },
  };
}

/** Throttled requests have done nothing, whatever they were to do. */
function pauseOf({ status, headers }: Response): number | undefined {
  if (status !== 429) return undefined;
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  const wished = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 5_000;
  return Math.min(wished, longestPauseMilliseconds);
}

/** Whether it may work another time, without anybody changing anything. */
export function isPassing(reason: { readonly kind: string; readonly status?: number }): boolean {
  return reason.kind === "refused" && (reason.status === 429 || Number(reason.status) >= 500);
}

async function jsonOf(response: Response): Promise<Result<unknown, GraphFailure>> {
  try {
    return success(await response.json());
  } catch (error) {
    // The message of a syntax error has a piece of the answer.
    const detail = error instanceof SyntaxError ? "Its answer is no JSON." : causeOf(error);
    return failure({ kind: "unreachable", detail });
  }
}

const mostOfAMessage = 500;

interface GraphError {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly details?: unknown;
}

/**
 * The message of an error, as one line without what a terminal would obey, and its codes.
 *
 * @see https://learn.microsoft.com/graph/errors
 */
async function errorIn(response: Response): Promise<{ detail: string; codes: string[] }> {
  const body: unknown = await response.json().catch(() => undefined);
  const error = (body as { error?: GraphError | null } | null | undefined)?.error ?? {};
  const details: readonly (GraphError | null)[] = Array.isArray(error.details) ? error.details : [];
  const detail = String(error.message ?? "")
    .replace(/\p{Cc}+/gu, " ")
    .trim()
    .slice(0, mostOfAMessage);
  const codes = [error, ...details].map((each) => each?.code);
  return { detail, codes: codes.filter((code) => typeof code === "string") };
}

/** What went wrong with a request; `fetch` says so in its error's cause. */
export function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}
