import { thrown } from "../../src/core/log.ts";
import { failure, type Result } from "../../src/core/result.ts";
import { claimsOfChallenge } from "../../src/downstream/claims-challenge.ts";
import type { BridgeLog } from "../log.ts";
import type { SignInFailure, TokenOptions, TokenSource } from "../tokens.ts";
import { letEnd, readJson } from "./answer.ts";
import type { Post, Posted } from "./post.ts";
import { broken, cancelled, refusedBy, type Trouble, unreachable } from "./trouble.ts";

/** What is posted, and what is known of it. */
export interface Parcel {
  readonly body: string;
  /** Beside those that every message has. */
  readonly headers: Readonly<Record<string, string>>;
  /** What it is, for words: `tools/call of get_user_expenses`. */
  readonly what: string;
  /** It changes nothing: where an answer is lost it can be asked for again. */
  readonly isRepeatable: boolean;
  /** Whether a person may be asked to sign in for it. */
  readonly interactive: boolean;
  readonly signal: AbortSignal;
}

/** Takes a message to the server, signed in, and comes back with the beginning of its answer. */
export type Carry = (parcel: Parcel) => Promise<Result<Posted, Trouble>>;

export interface CarrierOptions {
  readonly url: URL;
  readonly post: Post;
  readonly tokens: TokenSource;
  readonly log: BridgeLog;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Of a refusal's body: more than its words need. */
const maximumRefusalBytes = 64 * 1024;

/**
 * A refused token (401) is replaced and the message sent again, since the server has not acted on it:
 * once because the token is no longer good, and once for each further claims that it demands.
 */
export function createCarrier({ url, post, tokens, log, now }: CarrierOptions): Carry {
  /** Sends; what was lost and changes nothing once more, as after a sleep. */
  async function send(parcel: Parcel, token: string): Promise<Result<Posted, Trouble>> {
    const { body, headers, what, isRepeatable, signal } = parcel;
    const request = {
      body,
      signal,
      onSent: () => log.detail(`${what}: sent`),
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
        authorization: `Bearer ${token}`,
      },
    };
    for (let attempt = 1; ; attempt++) {
      const posted = await post(request);
      if (posted.ok) return posted;
      if (posted.reason.kind === "cancelled") return failure(cancelled);
      const { code, mayHaveArrived } = posted.reason;
      log.detail(`${what}: no answer (${code})`);
      if (!mayHaveArrived) return failure(unreachable(url, code));
      if (!isRepeatable || attempt === 2) return failure(broken(what, code, isRepeatable));
    }
  }

  async function accessToken(options: TokenOptions): Promise<Result<string, SignInFailure>> {
    try {
      return await tokens.accessToken(options);
    } catch (error) {
      // What signs in has libraries below it, which may throw what nobody foresaw.
      log.say(`The sign-in has a defect: ${thrown(error)}`);
      return failure({
        kind: "refused",
        words: "The sign-in has failed; the bridge's log says where.",
      });
    }
  }

  return async (parcel) => {
    const { what, interactive, isRepeatable, signal } = parcel;
    const demanded = new Set<string>();
    let token = await accessToken({ interactive, signal });
    for (;;) {
      if (!token.ok) return failure(signInTrouble(token.reason));
      const posted = await send(parcel, token.value);
      if (!posted.ok || posted.value.status !== 401) return posted;
      const { status, headers, body } = posted.value;
      const claims = claimsOfChallenge(headers["www-authenticate"]);
      const demand = claims ?? "a token that is still good";
      log.detail(`${what}: 401, the server asks for ${claims ? "further claims" : "a new token"}`);
      if (demanded.has(demand) || demanded.size === maximumDemands) {
        const text = await readJson(body, maximumRefusalBytes);
        const refusal = { status, headers, body: text.ok ? text.value : "" };
        return failure(refusedBy(url, what, refusal, { isRepeatable, now: now() }));
      }
      demanded.add(demand);
      letEnd(body);
      token = await accessToken({ refused: token.value, claims, interactive, signal });
    }
  };
}

/** An expired token, and then a claims challenge of the server's or of an API behind it. */
const maximumDemands = 2;

function signInTrouble({ kind, words }: SignInFailure): Trouble {
  return kind === "cancelled" ? cancelled : { reason: "sign-in", words };
}
