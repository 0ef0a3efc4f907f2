import type { CallerClaims } from "../core/caller.ts";
import { failure, type Result } from "../core/result.ts";
import { type HandleKind, type KeyRing, meaningOf } from "../keys/key-ring.ts";

/** How long a page can be continued, in milliseconds. */
export const cursorLifetime = 24 * 60 * 60 * 1000;

/** Whom a cursor is for: nobody else can use it. */
export type CursorOwner = Pick<CallerClaims, "objectId" | "tenantId">;

/** Why a cursor is not accepted. */
export type CursorProblem<FilterName extends string = string> =
  /** There are no keys to make or check it with. */
  | { readonly kind: "unavailable" }
  /** Not a cursor of this server. */
  | { readonly kind: "malformed" }
  /** Changed since it was given out, or made with a key that is not, or no longer, known. */
  | { readonly kind: "tampered" }
  /** Given to somebody else. */
  | { readonly kind: "foreign" }
  | { readonly kind: "expired" }
  /** The list was started with other filters. `differing` may lack some of them. */
  | { readonly kind: "other-filters"; readonly differing: readonly FilterName[] };

/** Beside the filters' names, none of which has a blank. */
const ownerName = "cursor owner";

type Filters<FilterName extends string> = Readonly<Partial<Record<FilterName, string>>>;

/** Makes the cursors that continue a list, and recognises them when they come back. */
export interface Cursors<FilterName extends string> {
  /**
   * A cursor that continues behind `position`, bound to its owner and the filters.
   *
   * @param position at most 24 bytes, so that a cursor stays below 100 characters with twelve filters
   */
  encode(
    position: Uint8Array,
    owner: CursorOwner,
    filters: Filters<FilterName>,
  ): Promise<Result<string, CursorProblem<FilterName>>>;

  /** Where to continue, if `cursor` was given to this owner for a list with these filters. */
  decode(
    cursor: string,
    owner: CursorOwner,
    filters: Filters<FilterName>,
  ): Promise<Result<Uint8Array, CursorProblem<FilterName>>>;
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
  const kind: HandleKind<FilterName | typeof ownerName> = {
    purpose,
    bound: {
      [ownerName]: 4,
      ...Object.fromEntries(filterNames.map((name) => [name, 1])),
    } as Record<FilterName | typeof ownerName, number>,
  };
  const valuesOf = (owner: CursorOwner, filters: Filters<FilterName>) => ({
    ...filters,
    // An object id is unique within its tenant only.
    [ownerName]: `${owner.tenantId}/${owner.objectId}`,
  });

  return {
    async encode(position, owner, filters) {
      const expiresAt = now() + cursorLifetime;
      const sealed = await keyRing.seal(kind, position, valuesOf(owner, filters), expiresAt);
      return sealed.ok ? sealed : failure({ kind: "unavailable" });
    },

    async decode(cursor, owner, filters) {
      const opened = await keyRing.open(kind, cursor, valuesOf(owner, filters));
      if (opened.ok) return opened;
      const { reason } = opened;
      if (reason.kind !== "differs") {
        const meaning = meaningOf(reason);
        return failure({ kind: meaning === "altered" ? "tampered" : meaning });
      }
      if (reason.names.includes(ownerName)) return failure({ kind: "foreign" });
      const differing = filterNames.filter((name) => reason.names.includes(name));
      return failure({ kind: "other-filters", differing });
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
      return "This cursor is not valid. Pass the cursor exactly as it was given, or leave it out to start from the first page.";
    case "foreign":
      return "This cursor was given to somebody else. Leave it out to start from the first page.";
    case "expired":
      return "This cursor has expired. Leave it out to start from the first page.";
    case "other-filters":
      return `This cursor belongs to a list with other filters${names(problem.differing.map(inputName))}. Repeat the filters of its first page, or leave the cursor out to start anew.`;
  }
}

/** In brackets; nothing where the cursor cannot tell which they are. */
function names(differing: readonly string[]): string {
  return differing.length > 0 ? ` (${differing.join(", ")})` : "";
}
