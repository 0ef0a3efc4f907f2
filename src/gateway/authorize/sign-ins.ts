import type { Caller } from "../../core/caller.ts";
import type { Result } from "../../core/result.ts";
import type { KeyRingFailure } from "../../keys/stored-keys.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { GatewayRequest } from "../http/handler.ts";
import type { UpstreamFailure, UpstreamTokens } from "../upstream/upstream-answer.ts";

/** What a client asked for, checked, and a person consented to. */
export interface ApprovedRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  /** The client's own, which goes back to it. */
  readonly state: string | undefined;
  readonly scopes: readonly string[];
  readonly codeChallenge: string;
}

/** What a person signs in for. */
export type SignInPurpose =
  | { readonly kind: "client"; readonly request: ApprovedRequest }
  /** To see their connections, which takes a fresh sign-in. */
  | { readonly kind: "connections" };

export interface BegunSignIn {
  /** Of Entra, where the browser goes. */
  readonly url: string;
  /** Binds the sign-in to this browser: the one `set-cookie` of the answer. */
  readonly setCookie: string;
}

export interface FinishedSignIn {
  readonly purpose: SignInPurpose;
  /** Verified as on `/mcp`. */
  readonly person: Caller;
  readonly tokens: UpstreamTokens;
  /** The JSON that the sign-in was asked to fulfil, and has. */
  readonly demanded: string | undefined;
  /** Ends the cookie that bound the sign-in: the one `set-cookie` of the answer. */
  readonly setCookie: string;
}

/** Why a sign-in did not come to its end. */
export type SignInProblem =
  /** Unknown, used before, or older than ten minutes. */
  | { readonly kind: "no-sign-in" }
  /** Another browser has begun it. */
  | { readonly kind: "other-browser" }
  /** Entra sent an error back, and no code. `purpose` is known, and its client may be told. */
  | {
      readonly kind: "entra-error";
      readonly purpose: SignInPurpose;
      readonly error: string;
      readonly code?: string | undefined;
    }
  | {
      readonly kind: "upstream";
      readonly purpose: SignInPurpose;
      readonly reason: UpstreamFailure;
      /** The JSON that the sign-in was asked to fulfil. */
      readonly demanded?: string | undefined;
    }
  /** Entra's token does not pass. `reason` is the verifier's, for the log. */
  | { readonly kind: "not-accepted"; readonly purpose: SignInPurpose; readonly reason: string }
  | { readonly kind: "store"; readonly reason: StoreFailure }
  | { readonly kind: "keys"; readonly reason: KeyRingFailure };

/**
 * Sign-ins at Entra that the gateway has begun and that come back to its `callback`. Each is used once,
 * within ten minutes, by the browser that began it.
 */
export interface SignIns {
  /** @param demanded JSON that the sign-in has to fulfil */
  begin(
    purpose: SignInPurpose,
    demanded?: string,
    signal?: AbortSignal,
  ): Promise<Result<BegunSignIn, SignInProblem>>;
  /** What a request to `callback` ends. */
  finish(request: GatewayRequest): Promise<Result<FinishedSignIn, SignInProblem>>;
}
