import type { Caller } from "../../core/caller.ts";
import type { SignInChallenge } from "../../core/endpoint.ts";
import type { Result } from "../../core/result.ts";
import type { KeyRingFailure } from "../../keys/stored-keys.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { GatewayClient } from "../clients/clients.ts";
import type { UpstreamTokens } from "../upstream/upstream.ts";

/** Why a grant could not be made, read or ended: the same may succeed later. */
export type GrantFailure =
  | { readonly kind: "store"; readonly reason: StoreFailure }
  | { readonly kind: "keys"; readonly reason: KeyRingFailure };

/** What a person has let a client do, once Entra has signed them in. */
export interface NewGrant {
  /** The person, as Entra's access token says it, verified. */
  readonly person: Caller;
  readonly upstream: UpstreamTokens;
  readonly client: GatewayClient;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** S256 of the client (RFC 7636 section 4.2). */
  readonly codeChallenge: string;
  /** The claims that this sign-in asked Entra for, as {@link Grants.demandOn} gave them. */
  readonly fulfils?: string | undefined;
}

/** Why a grant has ended. */
export type GrantEnd =
  | "code-replayed"
  /** Presented with another verifier, redirect URI or client. */
  | "code-misused"
  | "refresh-token-reused"
  | "revoked"
  | "connection-ended"
  | "person-erased"
  | "entra-refused"
  | "sign-in-demanded";

/** A grant as its person sees it. */
export interface Connection {
  readonly grantId: string;
  readonly clientId: string;
  readonly clientName: string;
  readonly clientDomain: string | undefined;
  readonly redirectUri: string;
  /** Milliseconds since the epoch, all of them. */
  readonly since: number;
  readonly lastUsed: number;
  readonly endsAt: number;
}

/**
 * Grants of people to clients. One record holds a grant with its code and refresh tokens, so that each
 * decision on them is one conditional write.
 */
export interface Grants {
  /** Makes the grant and its authorization code, which lives 60 s. */
  begin(grant: NewGrant, signal?: AbortSignal): Promise<Result<string, GrantFailure>>;

  /**
   * The JSON that the person's next sign-in with this client has to fulfil, after a claims challenge;
   * nothing where none is due. A grant that begins with a sign-in which fulfils it settles it.
   */
  demandOn(
    objectId: string,
    clientId: string,
    signal?: AbortSignal,
  ): Promise<Result<string | undefined, GrantFailure>>;

  /** Those of the person that have not ended. One that another instance has just made may be missing. */
  connectionsOf(
    objectId: string,
    signal?: AbortSignal,
  ): Promise<Result<readonly Connection[], GrantFailure>>;

  /** As {@link Grants.connectionsOf}, with none missing that there was before: for whoever ends them all. */
  everyConnectionOf(
    objectId: string,
    signal?: AbortSignal,
  ): Promise<Result<readonly Connection[], GrantFailure>>;

  /** Ends the grant with its code and tokens, and tells whether there was one. */
  end(
    objectId: string,
    grantId: string,
    why: GrantEnd,
    signal?: AbortSignal,
  ): Promise<Result<boolean, GrantFailure>>;

  /** Ends all that the person has at this moment, wherever they were made, and tells how many there were. */
  endAll(
    objectId: string,
    why: GrantEnd,
    signal?: AbortSignal,
  ): Promise<Result<number, GrantFailure>>;

  /**
   * A call by this caller met a challenge: the grant that let them in gives no further tokens, and the
   * next sign-in asks Entra for what is demanded. Never fails.
   */
  challenged(caller: Caller, challenge: SignInChallenge): Promise<void>;
}
