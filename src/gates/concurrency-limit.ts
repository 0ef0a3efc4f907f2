import type { Gate } from "./gate.ts";

/** How many requests of one key run at the same time, and how many may wait for their turn. */
export interface ConcurrencyOptions {
  readonly running: number;
  readonly waiting: number;
}

/**
 * Lets requests of one caller run, at most so many at a time, in the order of arrival; what does not
 * fit into the queue, or waits there for more than a minute, is refused: a client that has waited so
 * long has often gone, and what it asked for is better not done behind the person's back. One busy
 * caller then takes no more than their share of an instance.
 */
export function callersTurn(options: ConcurrencyOptions): Gate {
  const limit = createConcurrencyLimit(options);
  return {
    name: "turn of the caller",
    async pass({ caller: { tenantId, objectId } }) {
      const entered = await limit.enter(`${tenantId}/${objectId}`);
      return typeof entered === "string"
        ? { refused: { kind: "caller-too-busy", queue: entered } }
        : { adds: { release: entered } };
    },
  };
}

/** As {@link callersTurn}, by any key. */
export interface ConcurrencyLimit {
  /**
   * Resolves once the request may run, with what gives its place up again, at the first call. Or with
   * `"full"`, where the queue is, and `"too-long"` after a minute in it.
   */
  enter(key: string): Promise<(() => void) | "full" | "too-long">;
}

export const longestWaitMilliseconds = 60_000;

interface Lane {
  running: number;
  /** In the order of arrival; each lets one request run. */
  readonly queue: Set<() => void>;
}

export function createConcurrencyLimit(options: ConcurrencyOptions): ConcurrencyLimit {
  const lanes = new Map<string, Lane>();

  function leave(key: string, lane: Lane): void {
    // Who ends hands their place over, so that `running` does not change.
    const [next] = lane.queue;
    if (next) next();
    else {
      lane.running -= 1;
      if (lane.running === 0) lanes.delete(key);
    }
  }

  return {
    async enter(key) {
      const lane = lanes.get(key) ?? { running: 0, queue: new Set() };
      lanes.set(key, lane);
      if (lane.running < options.running) lane.running += 1;
      else if (lane.queue.size >= options.waiting) return "full";
      else if (!(await turnIn(lane.queue))) return "too-long";
      let isIn = true;
      return () => {
        if (isIn) leave(key, lane);
        isIn = false;
      };
    },
  };
}

/** Resolves with whether the turn came in time. */
function turnIn(queue: Set<() => void>): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (came: boolean) => {
      queue.delete(turn);
      clearTimeout(timer);
      resolve(came);
    };
    const turn = () => end(true);
    const timer = setTimeout(end, longestWaitMilliseconds, false);
    queue.add(turn);
  });
}
