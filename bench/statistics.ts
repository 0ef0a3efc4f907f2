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
