/** How many requests of one key run at the same time, and how many may wait for their turn. */
export interface ConcurrencyOptions {
  readonly running: number;
  readonly waiting: number;
}

/**
 * Lets `work` of one key run, at most so many at a time, in the order of arrival; what does not fit
 * into the queue is refused. One busy caller then takes no more than their share of an instance.
 */
export interface ConcurrencyLimit {
  /** Resolves with what `work` does, or with `"full"` where the queue is. */
  run<Value>(key: string, work: () => Promise<Value>): Promise<Value | "full">;
}

interface Lane {
  running: number;
  readonly queue: (() => void)[];
}

export function createConcurrencyLimit(options: ConcurrencyOptions): ConcurrencyLimit {
  const lanes = new Map<string, Lane>();
  return {
    async run(key, work) {
      const lane = lanes.get(key) ?? { running: 0, queue: [] };
      lanes.set(key, lane);
      if (lane.running >= options.running) {
        if (lane.queue.length >= options.waiting) return "full";
        // Who ends hands their place over, so that `running` does not change.
        await new Promise<void>((resolve) => lane.queue.push(resolve));
      } else lane.running += 1;
      try {
        return await work();
      } finally {
        const next = lane.queue.shift();
        if (next) next();
        else {
          lane.running -= 1;
          if (lane.running === 0) lanes.delete(key);
        }
      }
    },
  };
}
