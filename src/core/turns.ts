/** Pieces of work of one key, one after the other in the order of asking; those of others meanwhile. */
export class Turns {
  /** The end of each key's last piece; none where nothing is under way. */
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does `work` once all that was asked for before under this key has ended, whatever became of it. */
  take<Value>(key: string, work: () => Promise<Value>): Promise<Value> {
    const before = this.#last.get(key);
    const done = before === undefined ? work() : before.then(work);
    const forget = () => {
      if (this.#last.get(key) === ended) this.#last.delete(key);
    };
    const ended = done.then(forget, forget);
    this.#last.set(key, ended);
    return done;
  }
}
