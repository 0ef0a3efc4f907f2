/** How far clocks may differ before tokens are refused, in seconds. */
export const clockTolerance = 30;

/** How a clock that is so many seconds ahead of another one is spoken of. */
export function difference(secondsAhead: number): string {
  if (secondsAhead === 0) return "0 s apart";
  return `${Math.abs(secondsAhead)} s ${secondsAhead > 0 ? "ahead" : "behind"}`;
}
