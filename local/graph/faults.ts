import { z } from "zod";
import { type Answer, errorAnswer } from "./answer.ts";

export const throttleSchema = z.strictObject({
  /** How many of the next requests are refused. */
  count: z.int().positive(),
  /** Left out of the answer where absent. */
  retryAfterSeconds: z.int().nonnegative().optional(),
  status: z.union([z.literal(429), z.literal(503), z.literal(504)]).default(429),
});

export const challengeSchema = z.strictObject({
  /** Whose requests are challenged. */
  objectId: z.guid(),
  /** How many of their next requests. */
  count: z.int().positive().default(1),
  /** What their next token must contain; by default, that it be issued from now on. */
  claims: z.record(z.string(), z.unknown()).optional(),
});

const throttleCodes = {
  429: "TooManyRequests",
  503: "ServiceUnavailable",
  504: "GatewayTimeout",
} as const;

/** Faults that Graph shows on demand, so that a client's handling of them can be tried. */
export function createFaults(now: () => number) {
  let throttled: z.output<typeof throttleSchema> = { count: 0, status: 429 };
  const challenges = new Map<string, { count: number; claims: object }>();
  return {
    throttleNext(throttle: z.output<typeof throttleSchema>): void {
      throttled = { ...throttle };
    },
    challengeNext({ objectId, count, claims }: z.output<typeof challengeSchema>): void {
      challenges.set(objectId.toLowerCase(), { count, claims: claims ?? issuedFrom(now()) });
    },
    /** Counts the request. Nothing where it is not to be throttled. */
    throttle(): Answer | undefined {
      if (throttled.count === 0) return undefined;
      throttled.count -= 1;
      const { status, retryAfterSeconds } = throttled;
      return errorAnswer(
        status,
        throttleCodes[status],
        "Please retry again later.",
        retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) },
      );
    },
    /** Counts the request. Nothing where it is not to be challenged. */
    challenge(objectId: string): Answer | undefined {
      const challenge = challenges.get(objectId);
      if (!challenge) return undefined;
      challenge.count -= 1;
      if (challenge.count === 0) challenges.delete(objectId);
      const claims = Buffer.from(JSON.stringify(challenge.claims)).toString("base64");
      return errorAnswer(
        401,
        "InvalidAuthenticationToken",
        "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp.",
        {
          "www-authenticate": `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="${claims}"`,
        },
      );
    },
  };
}

export type Faults = ReturnType<typeof createFaults>;

/** Source: https://learn.microsoft.com/entra/identity-platform/claims-challenge */
function issuedFrom(now: number): object {
  const seconds = Math.floor(now / 1000);
  return { access_token: { nbf: { essential: true, value: String(seconds) } } };
}
