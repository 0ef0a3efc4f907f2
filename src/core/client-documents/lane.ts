/** Lets so many through at a time, and so many in a minute; the others are turned away at once. */
export interface Lane {
  /** @returns what to call when it is over; nothing where there is no room */
  enter(): (() => void) | undefined;
}

/** @param options.now milliseconds by a clock that nobody sets */
export function createLane(options: {
  readonly atOnce: number;
  readonly perMinute: number;
  readonly now: () => number;
}): Lane {
  const { atOnce, perMinute, now } = options;
  let running = 0;
  let entries: number[] = [];
  return {
    enter() {
      const time = now();
      entries = entries.filter((entered) => time - entered < 60_000);
      if (running >= atOnce || entries.length >= perMinute) return undefined;
      entries.push(time);
      running += 1;
      return () => {
        running -= 1;
      };
    },
  };
}
