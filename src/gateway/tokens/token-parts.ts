import { failure, type Result, success } from "../../core/result.ts";
import type { TokenVerifier } from "../../gates/token-verifier.ts";
import type { RandomBytes } from "../../keys/signing-key.ts";
import type { GatewayClients } from "../clients/clients.ts";
import type { GrantFailure } from "../grants/grant-failure.ts";
import type { ActiveGrant } from "../grants/grant-record.ts";
import type { Grants } from "../grants/grants.ts";
import type { GrantIdentity } from "../grants/sealing.ts";
import type { Refused } from "../grants/transitions.ts";
import type { EncryptionKey, GatewayKeys } from "../keys/gateway-keys.ts";
import type { GatewaySettings } from "../settings.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { createAccessToken } from "./access-token.ts";
import type { OpaqueToken } from "./opaque-token.ts";

/** What the tokens of the gateway are made from. */
export interface TokenParts {
  readonly grants: Grants;
  readonly keys: GatewayKeys;
  readonly clients: Pick<GatewayClients, "isAllowed" | "inUse" | "isForgotten">;
  readonly upstream: Pick<Upstream, "refresh">;
  /** Of Entra's tokens that were issued to the gateway's own registration. */
  readonly upstreamVerifier: TokenVerifier;
  readonly settings: Pick<GatewaySettings, "issuer" | "resource">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  readonly randomBytes: RandomBytes;
}

/** What a client gets (RFC 6749 section 5.1). */
export interface IssuedTokens {
  readonly accessToken: string;
  readonly expiresInSeconds: number;
  readonly refreshToken: string;
  readonly scopes: readonly string[];
}

/** What becomes of a code or refresh token that a client presents. `grant` is known where it is genuine. */
export type TokenOutcome =
  | { readonly kind: "issued"; readonly tokens: IssuedTokens; readonly grant: GrantIdentity }
  | {
      readonly kind: "refused";
      readonly why:
        | Refused
        /** Not this server's, or of a grant that is long gone. */
        | "unknown-token"
        /** With these, the grant has ended. */
        | "code-replayed"
        | "code-misused"
        | "refresh-token-reused"
        | "entra-refused";
      readonly grant?: GrantIdentity | undefined;
      /** Entra's own, or why its token was not accepted. */
      readonly code?: string | undefined;
    }
  | { readonly kind: "scope-not-granted"; readonly grant: GrantIdentity }
  /** Nothing has changed: the same request may succeed later. */
  | {
      readonly kind: "entra-unavailable";
      readonly grant: GrantIdentity;
      readonly code?: string | undefined;
      readonly retryAfterSeconds?: number | undefined;
    };

export interface Issuing {
  /** As it will be once it is written, which has to succeed before anything is given out. */
  readonly grant: ActiveGrant;
  readonly dataKey: Uint8Array;
  readonly encryptionKey: EncryptionKey;
  readonly refreshToken: Pick<OpaqueToken, "text">;
  readonly scopes: readonly string[];
}

/** The tokens of a grant, made before its record is written: what cannot be made spends nothing. */
export async function issueTokens(
  { grant, dataKey, encryptionKey, refreshToken, scopes }: Issuing,
  { keys, settings, now, randomBytes }: TokenParts,
): Promise<Result<TokenOutcome, GrantFailure>> {
  const signingKey = await keys.signingKey();
  if (!signingKey.ok) return failure({ kind: "keys", reason: signingKey.reason });
  const accessToken = await createAccessToken(
    { grant, dataKey, scopes, encryptionKey, signingKey: signingKey.value },
    settings,
    now(),
    randomBytes,
  );
  return success({
    kind: "issued",
    grant,
    tokens: {
      accessToken: accessToken.text,
      expiresInSeconds: accessToken.expiresInSeconds,
      refreshToken: refreshToken.text,
      scopes,
    },
  });
}
