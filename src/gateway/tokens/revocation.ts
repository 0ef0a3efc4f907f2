import type { Answer } from "../../core/endpoint.ts";
import { excerpt } from "../../core/log.ts";
import { failure, type Result, success } from "../../core/result.ts";
import type { TokenRejection } from "../../gates/token-rejection.ts";
import {
  type GrantFailure,
  logGrantFailure,
  nameOfFailure,
  retryAfterOf,
} from "../grants/grant-failure.ts";
import type { GrantRecord } from "../grants/grant-record.ts";
import type { Decision } from "../grants/stored-grants.ts";
import { ended } from "../grants/transitions.ts";
import type { GatewayHandler } from "../http/handler.ts";
import { type StepEvent, stepRecord } from "../http/step-record.ts";
import { readAccessToken } from "./access-token.ts";
import { genuineGrant } from "./genuine-grant.ts";
import { readOpaqueToken } from "./opaque-token.ts";
import { errorAnswer, needed, publicClientsForm, unavailableAnswer } from "./token-answers.ts";
import type { TokenParts } from "./token-parts.ts";

export type RevocationOptions = Pick<
  TokenParts,
  "grants" | "keys" | "settings" | "now" | "monotonicNow"
>;

/** What comes of a token that is to be revoked. */
interface Revoked {
  readonly kind: "revoked" | "already-ended" | "unknown-token" | "other-client";
  readonly objectId?: string;
}

/**
 * Ends the grant of an access or refresh token (RFC 7009), one that has been replaced too: whoever gives up
 * one token wants the sign-in to be over. `token_type_hint` is not needed: a token says what it is.
 */
export function createRevocation(options: RevocationOptions): GatewayHandler {
  return async (request) => {
    const form = publicClientsForm(request);
    if (!form.ok) return form.reason;
    const token = needed(form.value, "token");
    if (!token.ok) return token.reason;
    const clientId = needed(form.value, "client_id");
    if (!clientId.ok) return clientId.reason;

    const { invocation, signal } = request;
    const record = stepRecord("gateway-revocation", request, options.monotonicNow);
    const revoked = await revoke(token.value, clientId.value, options, signal);
    record({ ...eventOf(revoked), clientId: excerpt(clientId.value) });
    if (revoked.ok) return answerTo(revoked.value);
    logGrantFailure("gateway.not-revoked", revoked.reason, invocation.log);
    return unavailableAnswer(retryAfterOf(revoked.reason));
  };
}

async function revoke(
  text: string,
  clientId: string,
  options: RevocationOptions,
  signal: AbortSignal,
): Promise<Result<Revoked, GrantFailure>> {
  const { grants, keys, now } = options;

  async function end(grant: GrantRecord | undefined): Promise<Result<Decision<Revoked>, never>> {
    if (!grant) return success({ outcome: { kind: "unknown-token" } });
    const { objectId } = grant;
    // RFC 7009 section 2.1.
    if (grant.clientId !== clientId)
      return success({ outcome: { kind: "other-client", objectId } });
    if (grant.state === "ended") return success({ outcome: { kind: "already-ended", objectId } });
    const write = ended(grant, "revoked", now());
    return success({ outcome: { kind: "revoked", objectId }, write });
  }

  const refreshToken = readOpaqueToken("refresh", text);
  if (refreshToken) {
    const judge = async (stored: GrantRecord | undefined) => {
      const genuine = await genuineGrant(refreshToken, stored, keys);
      return genuine.ok ? end(genuine.value?.grant) : genuine;
    };
    return grants.stored.decide<Revoked>(refreshToken, judge, signal);
  }
  const accessToken = await readAccessToken(text, options);
  if (accessToken.ok) return grants.stored.decide<Revoked>(accessToken.value, end, signal);
  return isUnknowable(accessToken.reason)
    ? failure({ kind: "keys", reason: { kind: "unavailable", cause: "verification keys" } })
    : success({ kind: "unknown-token" });
}

function isUnknowable({ kind }: TokenRejection): boolean {
  return kind === "key-set-unavailable";
}

/** RFC 7009 section 2.2: a token that is not good, or no longer, is revoked already. */
function answerTo({ kind }: Revoked): Answer {
  if (kind === "other-client") {
    return errorAnswer("invalid_grant", "The token was issued to another client.");
  }
  return { status: 200, headers: { "cache-control": "no-store" }, body: null };
}

function eventOf(revoked: Result<Revoked, GrantFailure>): StepEvent {
  if (!revoked.ok) {
    return { outcome: "failed", reason: nameOfFailure(revoked.reason) };
  }
  const { kind, ...who } = revoked.value;
  if (kind === "revoked") return { outcome: "success", ...who };
  return { outcome: "refused", reason: kind, ...who };
}
