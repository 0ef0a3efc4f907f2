import type { GrantRecord, GrantReference } from "./grant-record.ts";

/**
 * A grant that was read is relied on for so long, in milliseconds: so long one that has ended on another
 * instance goes on letting calls in on this one.
 */
export const grantMaximumAge = 10_000;
/** Each holds Entra's sealed tokens, some kilobytes. */
const maximumEntries = 500;

/** The grants that this instance has read or written last. */
export class SeenGrants {
  readonly #monotonicNow: () => number;
  /** In the order in which they were kept, because a `Map` keeps the order of insertion. */
  readonly #entries = new Map<string, { readonly grant: GrantRecord; readonly seenAt: number }>();

  constructor(monotonicNow: () => number) {
    this.#monotonicNow = monotonicNow;
  }

  find(grant: GrantReference): GrantRecord | undefined {
    const entry = this.#entries.get(nameOf(grant));
    const isRecent = entry && this.#monotonicNow() < entry.seenAt + grantMaximumAge;
    return isRecent ? entry.grant : undefined;
  }

  /**
   * @param seenAt when it was so at the latest: before a read began
   * @returns the newest that is known, since a read may lag behind
   */
  keep(grant: GrantRecord, seenAt: number): GrantRecord {
    const name = nameOf(grant);
    const held = this.#entries.get(name);
    if (held && held.grant.version > grant.version) return held.grant;
    this.#entries.delete(name);
    this.#entries.set(name, { grant, seenAt });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > maximumEntries && oldest !== undefined) this.#entries.delete(oldest);
    return grant;
  }

  forget(grant: GrantReference): void {
    this.#entries.delete(nameOf(grant));
  }
}

function nameOf({ objectId, grantId }: GrantReference): string {
  return `${objectId}/${grantId}`;
}
