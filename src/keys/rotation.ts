const hour = 60 * 60 * 1000;
const day = 24 * hour;

/** A key is used for so long, in milliseconds. */
export const rotationInterval = 30 * day;
/**
 * A new key is known for so long before it is used, in milliseconds: longer than any instance goes
 * without reading the keys, clocks that differ by minutes included.
 */
export const publicationLead = hour;
/** No handle is valid for longer, in milliseconds: it decides how long an old key is kept. */
export const longestLifetime = 2 * day;

/** A key that others follow. */
export interface RotatedKey {
  /** Is used from then on, in milliseconds since the epoch; good for what was made with it at once. */
  readonly activeFrom: number;
}

/** At least one key; the oldest first. */
export type KeySeries<Key extends RotatedKey> = readonly [Key, ...Key[]];

/** Which key is used at `now`. The first key of all is at once, on clocks that are behind too. */
export function activeKeyAt<Key extends RotatedKey>(keys: KeySeries<Key>, now: number): Key {
  return keys.findLast(({ activeFrom }) => activeFrom <= now) ?? keys[0];
}

/**
 * The keys as they should be at `now`: with the next key, where the youngest is about to have been used
 * for its time, and without those that nothing needs any more. The same array where nothing is to be
 * done.
 *
 * @param lifetime milliseconds for which what is made with a key may be presented afterwards
 */
export async function maintainKeys<Key extends RotatedKey>(
  keys: KeySeries<Key>,
  now: number,
  {
    lifetime,
    create,
  }: {
    readonly lifetime: number;
    readonly create: (activeFrom: number) => Key | Promise<Key>;
  },
): Promise<KeySeries<Key>> {
  const youngest = keys.at(-1) ?? keys[0];
  const isDue = now >= youngest.activeFrom + rotationInterval - publicationLead;
  const kept = keys.filter((_key, index) => !isSpent(keys[index + 1], now, lifetime));
  if (!isDue && kept.length === keys.length) return keys;

  const added = isDue ? [await create(now + publicationLead)] : [];
  const [oldest = youngest, ...younger] = [...kept, ...added];
  return [oldest, ...younger];
}

/**
 * A key is spent when all that was made with it has expired. It was used until its successor was, on an
 * instance that was late to learn of it a little longer.
 */
function isSpent(successor: RotatedKey | undefined, now: number, lifetime: number): boolean {
  if (!successor) return false;
  return now >= successor.activeFrom + publicationLead + lifetime;
}
