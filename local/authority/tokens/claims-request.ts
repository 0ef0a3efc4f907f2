import type { JWTPayload } from "jose";
import { z } from "zod";
import { parseJson } from "../../../src/core/encoding.ts";
import { invalidRequest, type Refusal } from "../refusal.ts";

const claimRequestSchema = z.object({
  essential: z.boolean().optional(),
  value: z.string().optional(),
  values: z.array(z.string()).optional(),
});

/**
 * The part of a `claims` parameter that concerns access tokens: what the client wants to find in
 * its token, either because it can (`xms_cc`) or because it was challenged (`acrs`).
 *
 * Source: https://openid.net/specs/openid-connect-core-1_0.html#ClaimsParameter and
 * https://learn.microsoft.com/entra/identity-platform/claims-challenge
 */
export const claimsRequestSchema = z.object({
  access_token: z.record(z.string(), claimRequestSchema.nullable()).optional(),
});

export type ClaimsRequest = z.output<typeof claimsRequestSchema>;

/** Claims that a request can put into an access token; every other one is the authority's to say. */
export interface RequestedClaims {
  /** `cp1`: the client can handle a claims challenge. */
  readonly xms_cc?: readonly string[];
  /** Authentication contexts that the person has satisfied. */
  readonly acrs?: readonly string[];
}

/** @param parameter the `claims` parameter; absent asks nothing */
export function parseClaimsRequest(parameter: string | undefined): RequestedClaims | Refusal {
  if (parameter === undefined || parameter === "") return {};
  const parsed = claimsRequestSchema.safeParse(parseJson(parameter));
  if (!parsed.success) {
    return invalidRequest("The parameter 'claims' is not a claims request in JSON.");
  }
  const { xms_cc, acrs } = parsed.data.access_token ?? {};
  // MSAL writes it CP1; what reads tokens looks for cp1.
  const capabilities = requestedValues(xms_cc)
    .map((value) => value.toLowerCase())
    .filter((value) => value === "cp1");
  const contexts = requestedValues(acrs);
  return {
    ...(capabilities.length > 0 ? { xms_cc: capabilities } : {}),
    ...(contexts.length > 0 ? { acrs: contexts } : {}),
  };
}

/** Whether a token with these `claims` answers the challenge. */
export function satisfiesChallenge(claims: JWTPayload, challenge: ClaimsRequest): boolean {
  return Object.entries(challenge.access_token ?? {}).every(([name, request]) => {
    const held = [claims[name]].flat();
    const wanted = requestedValues(request);
    if (wanted.length === 0) return claims[name] !== undefined;
    return wanted.some((value) => held.includes(value));
  });
}

function requestedValues(
  request: z.output<typeof claimRequestSchema> | null = null,
): readonly string[] {
  return [...(request?.values ?? []), ...(request?.value === undefined ? [] : [request.value])];
}
