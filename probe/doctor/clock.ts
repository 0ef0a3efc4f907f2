/** How far clocks may differ before tokens are refused, in seconds. */
export const clockTolerance = 30;

/** A difference between two clocks in words. */
export function difference(secondsAhead: number): string {
  if (secondsAhead === 0) return "0 s apart";
  return `${Math.abs(secondsAhead)} s ${secondsAhead > 0 ? "ahead" : "behind"}`;
}

/** Says which of three clocks is wrong: one that differs from the authority's, which tokens follow. */
export function wrongClock(server: number, authority: number | undefined): string {
  const agree = (one: number, other: number) => Math.abs(one - other) <= clockTolerance;
  if (authority !== undefined && agree(authority, 0)) {
    return "The server's is wrong: the authority's agrees with this machine's.";
  }
  if (authority !== undefined && agree(authority, server)) {
    return "This machine's is wrong: the authority's agrees with the server's.";
  }
  if (authority !== undefined && agree(server, 0)) {
    return "The server's is wrong, and this machine's too: the authority's differs from both.";
  }
  return "One of them is wrong: in Azure it is hardly ever the server's.";
}
