import {
  AuthError,
  type INetworkModule,
  type NetworkRequestOptions,
  type NetworkResponse,
} from "@azure/msal-node";
import { remedyOf } from "../../remedies.ts";
import { networkProblem, readJson } from "./bounded-fetch.ts";

/** Milliseconds. */
const timeout = 30_000;

/** What MSAL says of a request without an answer. */
export const unreachable = "network_error";

/** MSAL waits as it is told to: for ever, or asking without a pause, where that is no number. */
function secondsOf(value: unknown, most: number, otherwise: number): number {
  return typeof value === "number" && value >= 0 ? Math.min(value, most) : otherwise;
}

export interface AuthorityClientOptions {
  /** Its URL, below whose origin MSAL may ask. */
  readonly authority: string;
  /** RFC 8707: goes along with every request for a token. */
  readonly resource: string;
  readonly fetch: typeof fetch;
  /** Is told in words why its metadata cannot be read: MSAL says nothing of the reason. */
  readonly onUnreadable: (words: string) => void;
}

/**
 * MSAL's way to the network: to the authority's origin alone, wherever its metadata points, without
 * following a redirect, and with `resource` in everything that is posted. MSAL itself leaves that out of
 * the requests for device codes.
 */
export function createAuthorityClient(options: AuthorityClientOptions): INetworkModule {
  const { origin } = new URL(options.authority);

  async function send<Body>(
    address: string,
    init: RequestInit,
    milliseconds = timeout,
  ): Promise<NetworkResponse<Body>> {
    if (URL.parse(address)?.origin !== origin) {
      throw new AuthError("refused_endpoint", "", `The authority points away from ${origin}.`);
    }
    const { headers, status, body } = await exchange(address, init, milliseconds);
    if (!new URL(address).pathname.endsWith("/devicecode")) {
      return { headers, status, body: body as Body };
    }
    const { error, error_description, expires_in, interval } = body;
    // MSAL would go on without a code, and say nothing of the reason.
    if (status >= 400) {
      const reason = typeof error === "string" ? error : unreachable;
      throw new AuthError(
        reason,
        "",
        typeof error_description === "string" ? error_description : "",
      );
    }
    const bounded = {
      ...body,
      expires_in: secondsOf(expires_in, 900, 900),
      interval: secondsOf(interval, 60, 5),
    };
    return { headers, status, body: bounded as Body };
  }

  async function exchange(address: string, init: RequestInit, milliseconds: number) {
    try {
      const response = await options.fetch(address, {
        ...init,
        redirect: "error",
        signal: AbortSignal.timeout(milliseconds),
      });
      const { status, headers } = response;
      const body = await readJson(response);
      if (!body) throw new Error(`it answered HTTP ${status} without JSON`);
      return { headers: Object.fromEntries(headers), status, body };
    } catch (error) {
      const problem = networkProblem(error);
      const words = `${origin} cannot be reached (${problem}). ${remedyOf(problem)}`;
      throw new AuthError(unreachable, "", words);
    }
  }

  const headersOf = (given?: NetworkRequestOptions) => ({ headers: given?.headers ?? {} });
  return {
    /** MSAL gets metadata with it. */
    async sendGetRequestAsync<Body>(url: string, given?: NetworkRequestOptions, wait?: number) {
      try {
        const init = { method: "GET", ...headersOf(given) };
        const answer = await send<Body>(url, init, wait);
        if (answer.status >= 400) {
          options.onUnreadable(
            `It answers HTTP ${answer.status}: there may be no such tenant. Compare --tenant.`,
          );
        }
        return answer;
      } catch (error) {
        if (error instanceof AuthError) options.onUnreadable(error.errorMessage);
        throw error;
      }
    },
    sendPostRequestAsync(url, given) {
      const form = new URLSearchParams(given?.body ?? "");
      form.set("resource", options.resource);
      return send(url, { method: "POST", ...headersOf(given), body: form.toString() });
    },
  };
}
