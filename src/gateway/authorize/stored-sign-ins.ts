import { hkdfSync, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { sha256 } from "../../core/encoding.ts";
import { excerpt } from "../../core/log.ts";
import { failure, type Result, success } from "../../core/result.ts";
import type { TokenRejection } from "../../gates/token-rejection.ts";
import type { TokenVerifier } from "../../gates/token-verifier.ts";
import type { RandomBytes } from "../../keys/signing-key.ts";
import { endCookieText, newSecret, readCookie, setCookieText } from "../http/cookies.ts";
import type { GatewayRequest, Parameters } from "../http/handler.ts";
import type { EncryptionKey, GatewayKeys } from "../keys/gateway-keys.ts";
import type { GatewayStore, RecordKind, Records, StoredRecord } from "../store/records.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type {
  BegunSignIn,
  FinishedSignIn,
  SignInProblem,
  SignInPurpose,
  SignIns,
} from "./sign-ins.ts";

export interface SignInsOptions {
  readonly store: GatewayStore;
  readonly keys: GatewayKeys;
  readonly upstream: Upstream;
  /** Judges Entra's tokens as on `/mcp`, and lets the gateway's own registration in alone. */
  readonly upstreamVerifier: TokenVerifier;
  /** What Entra calls itself, where its answer says so (RFC 9207). */
  readonly upstreamIssuer: string;
  readonly randomBytes: RandomBytes;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A person has so long to sign in, in milliseconds. */
export const signInMilliseconds = 10 * 60_000;

/** Of what comes back from Entra. */
const stateBytes = 32;
/**
 * Of a sign-in's cookie. It is short, and so is its name: any page can begin sign-ins in a person's browser,
 * and as many cookies as that keeps for a domain (180) still leave room in a request's headers.
 */
const browserBytes = 16;

const signInRecord = {
  name: "sign-in",
  schema: z.object({
    purpose: z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("connections") }),
      z.object({
        kind: z.literal("client"),
        request: z.object({
          clientId: z.string(),
          redirectUri: z.string(),
          state: z.string().optional(),
          scopes: z.array(z.string()).readonly(),
          codeChallenge: z.string(),
        }),
      }),
    ]),
    /** SHA-256 of the value of the browser's cookie, in base64url. */
    browser: z.string(),
    encryptionKeyId: z.string(),
    demanded: z.string().optional(),
  }),
} satisfies RecordKind<unknown>;

type SignInRecord = z.output<typeof signInRecord.schema>;

/** What a sign-in that has been used up leaves in hand. */
interface Consumed {
  readonly state: string;
  readonly record: SignInRecord;
  readonly purpose: SignInPurpose;
  readonly key: EncryptionKey;
}

export function createSignIns(options: SignInsOptions): SignIns {
  return new StoredSignIns(options);
}

/**
 * Sign-ins in the store, each under the hash of its state. What Entra is to be shown of the code (PKCE) is
 * derived from the state and a key of the server's, so that neither the store nor the state alone says it.
 */
class StoredSignIns implements SignIns {
  readonly #options: SignInsOptions;
  readonly #records: Records<SignInRecord>;

  constructor(options: SignInsOptions) {
    this.#options = options;
    this.#records = options.store.records<SignInRecord>(signInRecord);
  }

  async begin(
    purpose: SignInPurpose,
    demanded?: string,
    signal?: AbortSignal,
  ): Promise<Result<BegunSignIn, SignInProblem>> {
    const { keys, upstream, now, randomBytes } = this.#options;
    const key = await keys.encryptionKey();
    if (!key.ok) return failure({ kind: "keys", reason: key.reason });

    const state = newSecret(randomBytes, stateBytes);
    const browser = newSecret(randomBytes, browserBytes);
    const id = sha256(state);
    const record = { purpose, browser: sha256(browser), encryptionKeyId: key.value.id, demanded };
    const expiresAt = now() + signInMilliseconds;
    const created = await this.#records.create({ partition: id, id }, record, expiresAt, signal);
    if (!created.ok) return failure({ kind: "store", reason: created.reason });

    const url = upstream.authorizationUrl({
      state,
      codeChallenge: sha256(codeVerifierOf(state, key.value)),
      claims: demanded,
      isFresh: purpose.kind === "connections",
    });
    const seconds = signInMilliseconds / 1000;
    const setCookie = setCookieText({ name: cookieName(id), value: browser, seconds });
    return success({ url, setCookie });
  }

  async finish(request: GatewayRequest): Promise<Result<FinishedSignIn, SignInProblem>> {
    if (!request.query.ok) return failure({ kind: "no-sign-in" });
    const answer = request.query.value;
    const consumed = await this.#consume(answer.get("state"), request);
    if (!consumed.ok) return consumed;

    const { purpose, record, state, key } = consumed.value;
    const code = this.#codeOf(answer, purpose);
    if (!code.ok) return code;

    const { upstream, upstreamVerifier } = this.#options;
    const codeVerifier = codeVerifierOf(state, key);
    const redeemed = await upstream.redeemCode(code.value, codeVerifier, request.signal);
    if (!redeemed.ok) {
      const { demanded } = record;
      return failure({ kind: "upstream", purpose, reason: redeemed.reason, demanded });
    }
    const tokens = redeemed.value;
    const verified = await upstreamVerifier.verify(tokens.accessToken);
    if (!verified.ok) return failure(notAccepted(purpose, verified.reason));
    return success({
      ...{ purpose, person: verified.value, tokens, demanded: record.demanded },
      setCookie: endCookieText(cookieName(sha256(state))),
    });
  }

  /**
   * Uses the sign-in up, for whoever comes first with the cookie of the browser that began it. Without
   * the cookie nothing is used up: else a link in the wrong browser would end the person's sign-in.
   */
  async #consume(
    state: string | undefined,
    { cookies, signal }: GatewayRequest,
  ): Promise<Result<Consumed, SignInProblem>> {
    if (state === undefined) return failure({ kind: "no-sign-in" });
    const id = sha256(state);
    const found = await this.#records.read({ partition: id, id }, signal);
    if (!found.ok) return failure({ kind: "store", reason: found.reason });
    if (found.value === undefined) return failure({ kind: "no-sign-in" });

    const browser = readCookie(cookies, cookieName(id)) ?? "";
    if (!isSame(sha256(browser), found.value.item.browser)) {
      return failure({ kind: "other-browser" });
    }

    const record = found.value.item;
    // Before anything is used up: while the keys are out of reach, the same request may come again.
    const key = await this.#options.keys.encryptionKeyOf(record.encryptionKeyId);
    if (!key.ok) return failure({ kind: "keys", reason: key.reason });
    if (key.value === undefined) return failure({ kind: "no-sign-in" });

    const deleted = await this.#records.delete(found.value, signal);
    if (!deleted.ok) return failure({ kind: "store", reason: deleted.reason });
    if (!deleted.value) return failure({ kind: "no-sign-in" });
    return success({ state, record, purpose: purposeOf(found.value), key: key.value });
  }

  /** The code of Entra's answer, or what it says in its place (RFC 6749 section 4.1.2). */
  #codeOf(answer: Parameters, purpose: SignInPurpose): Result<string, SignInProblem> {
    const issuer = answer.get("iss");
    if (issuer !== undefined && issuer !== this.#options.upstreamIssuer) {
      return failure({ kind: "not-accepted", purpose, reason: "other-authority" });
    }
    const code = answer.get("code");
    const error = answer.get("error") ?? (code === undefined ? "no_code" : undefined);
    if (error !== undefined) {
      const entraCode = /AADSTS\d{1,10}/.exec(answer.get("error_description") ?? "")?.[0];
      return failure({ kind: "entra-error", purpose, error: excerpt(error), code: entraCode });
    }
    return success(code ?? "");
  }
}

/** A name of its own for each sign-in, so that several can go on side by side in a browser. */
function cookieName(id: string): string {
  return `gateway-sign-in-${id.slice(0, 8)}`;
}

function purposeOf({ item: { purpose } }: StoredRecord<SignInRecord>): SignInPurpose {
  if (purpose.kind === "connections") return purpose;
  const { request } = purpose;
  return { kind: "client", request: { ...request, state: request.state } };
}

function notAccepted(purpose: SignInPurpose, rejection: TokenRejection): SignInProblem {
  if (rejection.kind !== "key-set-unavailable") {
    return { kind: "not-accepted", purpose, reason: rejection.kind };
  }
  const { retryAfterSeconds } = rejection;
  return { kind: "upstream", purpose, reason: { kind: "unavailable", retryAfterSeconds } };
}

/** RFC 7636 section 4.1: 32 bytes in base64url. */
function codeVerifierOf(state: string, key: EncryptionKey): string {
  const bytes = hkdfSync("sha256", state, key.secret, "gateway sign-in code verifier", 32);
  return Buffer.from(bytes).toString("base64url");
}

function isSame(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
