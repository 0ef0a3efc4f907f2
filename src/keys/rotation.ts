import {
  createSigningKey,
  type RandomBytes,
  type SigningKey,
  type SigningKeys,
} from "./signing-key.ts";

const hour = 60 * 60 * 1000;
const day = 24 * hour;

/** A key signs for so long, in milliseconds. */
export const rotationInterval = 30 * day;
/**
 * A new key is known for so long before it signs, in milliseconds: longer than any instance goes
 * without reading the ring, clocks that differ by minutes included.
 */
export const publicationLead = hour;
/** No handle is valid for longer, in milliseconds: it decides how long an old key is kept. */
export const longestLifetime = 2 * day;

/** Which key signs at `now`. The first key of all signs at once, on clocks that are behind too. */
export function signingKeyAt(keys: SigningKeys, now: number): SigningKey {
  return keys.findLast(({ activeFrom }) => activeFrom <= now) ?? keys[0];
}

/**
 * The keys as they should be at `now`: with the next key, where the youngest is about to have signed
 * for its time, and without those whose every handle has expired. The same array where nothing is
 * to be done.
 */
export function maintainKeys(
  keys: SigningKeys,
  now: number,
  randomBytes: RandomBytes,
): SigningKeys {
  const youngest = keys.at(-1) ?? keys[0];
  const isDue = now >= youngest.activeFrom + rotationInterval - publicationLead;
  const kept = keys.filter((_key, index) => !isSpent(keys[index + 1], now));
  if (!isDue && kept.length === keys.length) return keys;

  const added = isDue ? [createSigningKey(now + publicationLead, randomBytes)] : [];
  const [oldest = youngest, ...younger] = [...kept, ...added];
  return [oldest, ...younger];
}

/**
 * A key is spent when all it signed has expired. It signed until its successor did, on an instance
 * that was late to learn of it a little longer.
 */
function isSpent(successor: SigningKey | undefined, now: number): boolean {
  if (!successor) return false;
  return now >= successor.activeFrom + publicationLead + longestLifetime;
}
