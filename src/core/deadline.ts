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
    const settle = () => signal.removeEventListener("abort", onAbort);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(settle);
    if (signal.aborted) onAbort();
  });
}
