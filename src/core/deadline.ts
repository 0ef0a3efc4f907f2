/**
 * Waits for `promise`, but no longer than until `signal` aborts. What is waited for goes on: others
 * may be waiting for it too.
 *
 * @throws the signal's reason where it aborts first
 */
export function abortable<Value>(promise: Promise<Value>, signal?: AbortSignal): Promise<Value> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    promise.then(
      (value) => {
        signal.removeEventListener("abort", onAbort);
        resolve(value);
      },
      (error) => {
        signal.removeEventListener("abort", onAbort);
        reject(error);
      },
    );
  });
}

/** What has been asked to end has so long to say what became of it. */
export const graceMilliseconds = 500;

/** The time that a piece of work has. */
export interface Deadline {
  /** Aborts when the time is up. */
  readonly signal: AbortSignal;
  /** The work is done: the signal never aborts then. */
  end(): void;
}

/**
 * Starts the clock. Unlike `AbortSignal.timeout`, it leaves no timer behind once the work is done.
 *
 * @param onPassed called when the time is up, before the signal aborts
 */
export function startDeadline(milliseconds: number, onPassed: () => void = () => {}): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => {
    onPassed();
    controller.abort(Object.assign(new Error("The time is up."), { code: "ETIMEDOUT" }));
  }, milliseconds);
  timer.unref();
  return { signal: controller.signal, end: () => clearTimeout(timer) };
}

/**
 * Waits for `promise` for at most so many milliseconds, for what heeds no signal.
 *
 * @throws {Error} with the code `ETIMEDOUT`
 */
export async function within<Value>(milliseconds: number, promise: Promise<Value>): Promise<Value> {
  const deadline = startDeadline(milliseconds);
  try {
    return await abortable(promise, deadline.signal);
  } finally {
    deadline.end();
  }
}
