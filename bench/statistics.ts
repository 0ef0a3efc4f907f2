/** The value below which a share of all values lies, interpolated between its neighbours. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position % 1);
}

/** Of many values some are always far off, so that the lowest and the highest say little. */
export function isMany(values: readonly number[]): boolean {
  return values.length >= 10;
}

/** What two sides have yielded one right after the other. */
export interface Pair<Figure> {
  readonly one: Figure;
  readonly other: Figure;
}

/**
 * Measures two sides in turns. Each goes first in every other pair, so that the order favours
 * neither, and what disturbs the machine for a while disturbs both.
 */
export async function inTurns<Figure>(
  count: number,
  measureOne: () => Promise<Figure>,
  measureOther: () => Promise<Figure>,
): Promise<Pair<Figure>[]> {
  const pairs = [];
  while (pairs.length < count) {
    if (pairs.length % 2 === 0) {
      const one = await measureOne();
      pairs.push({ one, other: await measureOther() });
    } else {
      const other = await measureOther();
      pairs.push({ one: await measureOne(), other });
    }
  }
  return pairs;
}
