import { z } from "zod";
import type { CallerClaims } from "../core/caller.ts";
import { failure, type Result, success } from "../core/result.ts";
import { type KeyRing, meaningOf, type TokenProblem } from "../keys/key-ring.ts";

/** How long a page can be continued, in milliseconds. */
export const cursorLifetime = 24 * 60 * 60 * 1000;

/** Whom a cursor is for: nobody else can use it. */
export type CursorOwner = Pick<CallerClaims, "objectId" | "tenantId">;

/** Why a cursor is not accepted. */
export type CursorProblem<FilterName extends string = string> =
  /** There are no keys to sign or check it with. */
  | { readonly kind: "unavailable" }
  /** Not a cursor of this server. */
  | { readonly kind: "malformed" }
  /** Changed since it was given out, or signed with a key that is not, or no longer, known. */
  | { readonly kind: "tampered" }
  /** Given to somebody else. */
  | { readonly kind: "foreign" }
  | { readonly kind: "expired" }
  /** The list was started with other filters. */
  | { readonly kind: "other-filters"; readonly differing: readonly FilterName[] };

const claimsSchema = z.object({
  position: z.string(),
  filters: z.record(z.string(), z.string()),
});

type Filters<FilterName extends string> = Readonly<Partial<Record<FilterName, string>>>;

/** Makes the cursors that continue a list, and recognises them when they come back. */
export interface Cursors<FilterName extends string> {
  /** A cursor that continues behind `position`: signed, and bound to its owner and the filters. */
  encode(
    position: string,
    owner: CursorOwner,
    filters: Filters<FilterName>,
  ): Promise<Result<string, CursorProblem<FilterName>>>;

  /** Where to continue, if `cursor` was given to this owner for a list with these filters. */
  decode(
    cursor: string,
    owner: CursorOwner,
    filters: Filters<FilterName>,
  ): Promise<Result<string, CursorProblem<FilterName>>>;
}

export interface CursorOptions<FilterName extends string> {
  /** Names the list: a cursor of another is not accepted. */
  readonly purpose: string;
  readonly filterNames: readonly FilterName[];
  readonly keyRing: KeyRing;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export function createCursors<FilterName extends string>({
  purpose,
  filterNames,
  keyRing,
  now,
}: CursorOptions<FilterName>): Cursors<FilterName> {
  return {
    async encode(position, owner, filters) {
      const claims = { position, filters };
      const signed = await keyRing.sign(purpose, claims, {
        subject: subjectOf(owner),
        expiresAt: now() + cursorLifetime,
      });
      return signed.ok ? signed : failure(problemOf(signed.reason));
    },

    async decode(cursor, owner, filters) {
      const verified = await keyRing.verify(purpose, cursor, { subject: subjectOf(owner) });
      if (!verified.ok) return failure(problemOf(verified.reason));
      const claims = claimsSchema.safeParse(verified.value);
      if (!claims.success) return failure({ kind: "malformed" });

      const differing = filterNames.filter((name) => claims.data.filters[name] !== filters[name]);
      if (differing.length > 0) return failure({ kind: "other-filters", differing });
      return success(claims.data.position);
    },
  };
}

/**
 * What to tell the model of a refused cursor.
 *
 * @param inputName what the tool's input calls a filter, where that is another name
 */
export function cursorProblemText<FilterName extends string>(
  problem: CursorProblem<FilterName>,
  inputName: (filter: FilterName) => string = (filter) => filter,
): string {
  switch (problem.kind) {
    case "unavailable":
      return "Pages cannot be continued right now. Try again in a minute.";
    case "malformed":
    case "tampered":
      return "This is no cursor of this server. Pass the cursor exactly as it was given, or leave it out to start from the first page.";
    case "foreign":
      return "This cursor was given to somebody else. Leave it out to start from the first page.";
    case "expired":
      return "This cursor has expired. Leave it out to start from the first page.";
    case "other-filters":
      return `This cursor belongs to a list with other filters (${problem.differing.map(inputName).join(", ")}). Repeat the filters of its first page, or leave the cursor out to start anew.`;
  }
}

function problemOf(problem: TokenProblem): CursorProblem<never> {
  const kind = meaningOf(problem);
  return { kind: kind === "altered" ? "tampered" : kind };
}

/** An object id is unique within its tenant only. */
function subjectOf({ tenantId, objectId }: CursorOwner): string {
  return `${tenantId}/${objectId}`;
}
