import { z } from "zod";
import type { RecordKey, RecordKind } from "../store/records.ts";

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;

/** A code can be redeemed for so long, in milliseconds. RFC 6749 section 4.1.2 recommends ten minutes at most. */
export const codeLifetime = 60 * second;
/** A grant whose code nobody has redeemed is kept so long after the code's end, in milliseconds. */
const unredeemedKept = 5 * minute;
/** So long is remembered that a grant has ended, in milliseconds: the log then tells its tokens from invented ones. */
const endedKept = day;

/** Why a grant has ended. */
const ends = [
  "code-replayed",
  /** Presented with another verifier, redirect URI or client. */
  "code-misused",
  "refresh-token-reused",
  "revoked",
  "connection-ended",
  "person-erased",
  "entra-refused",
  "sign-in-demanded",
] as const;

export type GrantEnd = (typeof ends)[number];

const milliseconds = z.int();

const common = {
  objectId: z.string(),
  grantId: z.string(),
  clientId: z.string(),
  clientName: z.string(),
  clientDomain: z.string().optional(),
  redirectUri: z.string(),
  scopes: z.array(z.string()),
  since: milliseconds,
  /** When it last gave tokens. */
  lastUsed: milliseconds,
  /** The absolute end. */
  endsAt: milliseconds,
  /** The server's key that what is sealed here takes, beside a token. */
  encryptionKeyId: z.string(),
  /** Grows with each write: tells a reader that what it read is behind what a token was made from. */
  version: z.int(),
};

/** The data key, wrapped for the holder of a token; and Entra's tokens, sealed under it. */
const sealed = z.string();

const upstream = {
  upstream: sealed,
  /** Of Entra's access token, which none of ours outlives. */
  upstreamExpiresAt: milliseconds,
};

/** The person has signed in, and the client has not fetched its tokens. */
const pending = z.object({
  ...common,
  ...upstream,
  state: z.literal("pending"),
  code: z.object({
    expiresAt: milliseconds,
    /** S256 of the client (RFC 7636 section 4.2). */
    challenge: z.string(),
    wrappedKey: sealed,
  }),
});

const refreshToken = z.object({ hash: z.string(), wrappedKey: sealed });

/** The code has been redeemed. */
const active = z.object({
  ...common,
  ...upstream,
  state: z.literal("active"),
  /** The one that is good. */
  refresh: refreshToken,
  /** The one that it replaced, for a client that did not get to see the answer. */
  previous: refreshToken
    .extend({
      replacedAt: milliseconds,
      /** The token that is good, sealed for the holder of this one. */
      successor: sealed,
    })
    .optional(),
});

/** Nothing comes of it again, and nothing is left in it that could be opened. */
export const endedGrant = z.object({
  ...common,
  state: z.literal("ended"),
  endedAt: milliseconds,
  why: z.enum(ends),
});

export type PendingGrant = z.infer<typeof pending>;
export type ActiveGrant = z.infer<typeof active>;
export type EndedGrant = z.infer<typeof endedGrant>;
export type GrantRecord = PendingGrant | ActiveGrant | EndedGrant;

/** One record holds a grant with its code and refresh tokens, so that each decision is one write. */
export const grantKind: RecordKind<GrantRecord> = {
  name: "grant",
  schema: z.discriminatedUnion("state", [pending, active, endedGrant]),
};

export interface GrantReference {
  /** The person's, lower case. */
  readonly objectId: string;
  /** 16 bytes as lower case hexadecimal. */
  readonly grantId: string;
}

/** A grant is in the partition of its person. */
export function grantKey({ objectId, grantId }: GrantReference): RecordKey {
  return { partition: objectId, id: grantId };
}

/**
 * When the record goes, in milliseconds since the epoch: an active grant after the idle lifetime, none
 * later than its absolute end.
 */
export function expiryOf(grant: GrantRecord, idleMilliseconds: number): number {
  switch (grant.state) {
    case "pending":
      return Math.min(grant.code.expiresAt + unredeemedKept, grant.endsAt);
    case "active":
      return Math.min(grant.lastUsed + idleMilliseconds, grant.endsAt);
    case "ended":
      return Math.min(grant.endedAt + endedKept, grant.endsAt);
  }
}
