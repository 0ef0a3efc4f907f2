import { failure, type Result, success } from "../../src/core/result.ts";

/** Microsoft Graph, as far as removing directory objects takes it. */
export interface Graph {
  /** The JSON of what is at a path, or at the link to a next page; nothing where there is nothing. */
  get(pathOrLink: string): Promise<Result<unknown, GraphFailure>>;
  /** Deletes what is at a path; tells whether there was anything. */
  delete(path: string): Promise<Result<"deleted" | "absent", GraphFailure>>;
}

export type GraphFailure =
  | { readonly kind: "not-allowed"; readonly status: number }
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "unreachable"; readonly detail: string };

export interface GraphOptions {
  /** Without a slash at the end. */
  readonly endpoint: string;
  readonly accessToken: string;
  readonly fetch?: typeof fetch;
}

const answerWithinMilliseconds = 30_000;

export function createGraph(options: GraphOptions): Graph {
  const base = `${options.endpoint}/v1.0`;

  async function send(method: string, url: string): Promise<Result<Response, GraphFailure>> {
    // The access token goes to Graph alone, wherever a page's link leads.
    if (!url.startsWith(`${base}/`)) {
      return failure({ kind: "unreachable", detail: "A link led away from Microsoft Graph." });
    }
    try {
      const response = await (options.fetch ?? fetch)(url, {
        method,
        headers: { authorization: `Bearer ${options.accessToken}` },
        redirect: "error",
        signal: AbortSignal.timeout(answerWithinMilliseconds),
      });
      const { status } = response;
      if (status === 401 || status === 403) return failure({ kind: "not-allowed", status });
      if (!response.ok && status !== 404) return failure({ kind: "refused", status });
      return success(response);
    } catch (error) {
      return failure({ kind: "unreachable", detail: causeOf(error) });
    }
  }

  return {
    async get(pathOrLink) {
      const url = pathOrLink.startsWith("/") ? base + pathOrLink : pathOrLink;
      const answer = await send("GET", url);
      if (!answer.ok) return answer;
      if (answer.value.status === 404) return success(undefined);
      try {
        return success(await answer.value.json());
      } catch (error) {
        return failure({ kind: "unreachable", detail: causeOf(error) });
      }
    },
    async delete(path) {
      const answer = await send("DELETE", base + path);
      if (!answer.ok) return answer;
      return success(answer.value.status === 404 ? "absent" : "deleted");
    },
  };
}

/** What went wrong with a request; `fetch` says so in its error's cause. */
export function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}
