import { Caller } from "../../core/caller.ts";
import type { Log } from "../../core/log.ts";
import { failure, type Result, success } from "../../core/result.ts";
import type { TokenRejection } from "../../gates/token-rejection.ts";
import { requiredScope, type TokenVerifier } from "../../gates/token-verifier.ts";
import { type GrantFailure, logGrantFailure, retryAfterOf } from "../grants/grant-failure.ts";
import type { ActiveGrant } from "../grants/grant-record.ts";
import { openUpstream } from "../grants/upstream-tokens.ts";
import { type ReadAccessToken, readAccessToken } from "./access-token.ts";
import type { TokenParts } from "./token-parts.ts";

export interface GatewayTokenVerifierOptions
  extends Pick<TokenParts, "grants" | "keys" | "settings" | "upstreamVerifier" | "now"> {
  readonly clients: Pick<TokenParts["clients"], "isAllowed">;
  readonly log: Log;
}

/**
 * Decides who is calling `/gateway/mcp`: the holder of an access token of the gateway whose grant has not
 * ended, as the person that Entra's access token names, which is judged as on `/mcp`. The caller goes on
 * with that one, so that what is behind the gates acts for them in the same way.
 */
export function createGatewayTokenVerifier(options: GatewayTokenVerifierOptions): TokenVerifier {
  const { grants, clients, upstreamVerifier, log } = options;
  return {
    async verify(token) {
      const read = await readAccessToken(token, options);
      if (!read.ok) return read;
      const accessToken = read.value;
      const { clientId, scopes } = accessToken;
      if (!clients.isAllowed(clientId)) {
        return failure({ kind: "client-not-allowed", got: clientId });
      }
      if (!scopes.includes(requiredScope)) {
        const got = scopes.join(" ");
        return failure({ kind: "missing-scope", got, expected: requiredScope });
      }
      const upstreamToken = await upstreamTokenOf(accessToken);
      if (!upstreamToken.ok) return upstreamToken;
      const person = await upstreamVerifier.verify(upstreamToken.value);
      if (!person.ok) return person;

      const { expiresAt } = accessToken;
      const caller = new Caller(
        { ...person.value, clientId, scopes, expiresAt },
        upstreamToken.value,
      );
      grants.admit(caller, accessToken);
      return success(caller);
    },
  };

  /** Entra's access token of the grant, as it was refreshed last. */
  async function upstreamTokenOf(token: ReadAccessToken): Promise<Result<string, TokenRejection>> {
    const found = await grants.stored.recent(token, token.grantVersion);
    if (!found.ok) return unknowable(found.reason);
    const grant = found.value;
    if (grant?.state !== "active") return failure({ kind: "grant-ended" });
    const opened = await open(grant, token);
    if (!opened.ok) return unknowable(opened.reason);
    return opened.value === undefined ? failure({ kind: "grant-ended" }) : success(opened.value);
  }

  async function open(
    grant: ActiveGrant,
    token: ReadAccessToken,
  ): Promise<Result<string | undefined, GrantFailure>> {
    const key = await options.keys.encryptionKeyOf(grant.encryptionKeyId);
    if (!key.ok) return failure({ kind: "keys", reason: key.reason });
    const dataKey = key.value && token.dataKey(key.value);
    return success(dataKey && openUpstream(grant.upstream, dataKey, grant)?.accessToken);
  }

  /** Not the caller's fault: nothing can be said of the grant, and signing in again would not help. */
  function unknowable(reason: GrantFailure) {
    logGrantFailure("gateway.grant-not-read", reason, log);
    return failure({ kind: "grant-unavailable", retryAfterSeconds: retryAfterOf(reason) } as const);
  }
}
