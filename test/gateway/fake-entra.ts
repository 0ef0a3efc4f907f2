import { Caller } from "../../src/core/caller.ts";
import { failure, type Result, success } from "../../src/core/result.ts";
import type { TokenRejection } from "../../src/gates/token-rejection.ts";
import type { TokenVerifier } from "../../src/gates/token-verifier.ts";
import type { Upstream } from "../../src/gateway/upstream/upstream.ts";
import type {
  UpstreamFailure,
  UpstreamTokens,
} from "../../src/gateway/upstream/upstream-answer.ts";

export const tenantId = "11111111-2222-3333-4444-555555555555";
/** The gateway's own registration, which all of Entra's tokens here were issued to. */
export const gatewayClientId = "99999999-7777-8888-9999-aaaaaaaaaaaa";

/**
 * Entra as the gateway sees it. Its access tokens last an hour and say whose they are in plain text, so
 * that a test finds them wherever they turn up. Its refresh tokens stay good when they have been used.
 */
export class FakeEntra {
  /** What it answers instead of tokens. */
  failure: UpstreamFailure | undefined;
  /** What is wrong with its access tokens. */
  rejection: TokenRejection | undefined;
  /** Whom its next tokens are for, whoever asks. */
  impostor: string | undefined;
  /** In milliseconds. */
  lifetime = 3_600_000;
  /** Called before each answer to a refresh. */
  whileAsked: () => void | Promise<void> = () => {};
  /** The refresh tokens that it has been asked with. */
  readonly asked: string[] = [];
  readonly #now: () => number;
  #issued = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** What a sign-in of the person brings. */
  signIn(objectId: string): UpstreamTokens {
    this.#issued += 1;
    const expiresAt = Math.floor((this.#now() + this.lifetime) / 1000);
    return {
      accessToken: `entra-access:${objectId}:${expiresAt}:${this.#issued}`,
      refreshToken: `entra-refresh:${objectId}:${this.#issued}`,
    };
  }

  readonly upstream: Pick<Upstream, "refresh"> = {
    refresh: async (refreshToken): Promise<Result<UpstreamTokens, UpstreamFailure>> => {
      this.asked.push(refreshToken);
      await this.whileAsked();
      if (this.failure) return failure(this.failure);
      const [kind, objectId = ""] = refreshToken.split(":");
      if (kind !== "entra-refresh") return failure({ kind: "refused", code: "AADSTS9002313" });
      return success(this.signIn(this.impostor ?? objectId));
    },
  };

  /** As the verifier of `/mcp`, of these tokens. */
  readonly verifier: TokenVerifier = {
    verify: async (token) => {
      if (this.rejection) return failure(this.rejection);
      const [kind, objectId = "", expiry] = token.split(":");
      if (kind !== "entra-access") return failure({ kind: "malformed-token" });
      const expiresAt = Number(expiry);
      const secondsAgo = Math.floor(this.#now() / 1000) - expiresAt;
      return secondsAgo > 0
        ? failure({ kind: "expired", secondsAgo })
        : success(personWith(objectId, token, expiresAt));
    },
  };

  /** The person of a sign-in, verified. */
  person({ accessToken }: UpstreamTokens): Caller {
    const [, objectId = "", expiry] = accessToken.split(":");
    return personWith(objectId, accessToken, Number(expiry));
  }
}

function personWith(objectId: string, token: string, expiresAt: number): Caller {
  return new Caller(
    {
      objectId,
      tenantId,
      clientId: gatewayClientId,
      scopes: ["user_impersonation", "another_scope_of_the_api"],
      roles: ["Auditor"],
      handlesClaimsChallenges: true,
      expiresAt,
    },
    token,
  );
}
