/** A figure, measured several times over. */
export interface Metric {
  readonly name: string;
  readonly unit: "1/s" | "ms" | "µs" | "MB" | "kB";
  readonly better: "higher" | "lower";
  /** One per round. */
  readonly values: readonly number[];
}

/** What one scenario has yielded. */
export interface Measurement {
  readonly name: string;
  readonly metrics: readonly Metric[];
  /** How many answers were looked at. */
  readonly answers: number;
  /** How many of them were not what they should have been, or never came. */
  readonly errors: number;
  /** What was wrong with the first of them. */
  readonly firstError?: string | undefined;
}

export interface Summary {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Median and spread: with few rounds on a machine that does other things too, a mean says little. */
export function summarise(values: readonly number[]): Summary {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const lower = sorted.length % 2 === 0 ? (sorted[middle - 1] ?? upper) : upper;
  return {
    median: (lower + upper) / 2,
    lowest: sorted[0] ?? Number.NaN,
    highest: sorted.at(-1) ?? Number.NaN,
  };
}
