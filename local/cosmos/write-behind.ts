/**
 * Writes changing state out a moment after it changed.
 *
 * @param write writes the whole state as it is when called; never runs twice at once
 * @param delay milliseconds from the first change to the write that covers it
 * @param onFailure is told when a write that nobody waits for fails; the next change tries again
 */
export function createWriteBehind({
  write,
  delay,
  onFailure,
}: {
  write: () => Promise<void>;
  delay: number;
  onFailure: (error: unknown) => void;
}) {
  let unwritten = false;
  let timer: NodeJS.Timeout | undefined;
  let lastWrite: Promise<void> = Promise.resolve();

  async function writeOnce(): Promise<void> {
    if (!unwritten) return;
    unwritten = false;
    try {
      await write();
    } catch (error) {
      unwritten = true;
      throw error;
    }
  }

  /** Writes now what is not yet written, and throws what the write threw. */
  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    lastWrite = lastWrite.then(writeOnce, writeOnce);
    return lastWrite;
  }

  return {
    /** Tells that the state has changed. */
    changed() {
      unwritten = true;
      timer ??= setTimeout(() => flush().catch(onFailure), delay);
    },
    flush,
  };
}
