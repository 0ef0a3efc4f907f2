/** How a step ends that is an instance's last: it does not take place, or nobody learns that it has. */
export type Death = "before" | "after";

/** What a request to an instance that has died meets: its connection breaks. */
export class ConnectionBroken extends Error {}

/**
 * The life of an instance, counted in steps: each call to the database, to the storage of keys and to
 * Entra is one. A step after the last never ends, so that nothing of the instance runs on.
 */
export class Life {
  /** How many steps have been begun. */
  steps = 0;
  /** Rejects when the instance dies. */
  readonly end: Promise<never>;
  readonly #last: number;
  readonly #death: Death;
  readonly #broken = Promise.withResolvers<never>();

  /** @param last the step at which it dies; it lives on unless given */
  constructor(last = Number.POSITIVE_INFINITY, death: Death = "before") {
    this.#last = last;
    this.#death = death;
    this.end = this.#broken.promise;
    this.end.catch(() => {});
  }

  readonly before = async (): Promise<void> => {
    this.steps += 1;
    if (this.steps > this.#last) return forever();
    if (this.steps === this.#last && this.#death === "before") await this.#die();
  };

  readonly after = async (): Promise<void> => {
    if (this.steps >= this.#last) await this.#die();
  };

  readonly step = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    await this.before();
    const value = await work();
    await this.after();
    return value;
  };

  #die(): Promise<never> {
    this.#broken.reject(new ConnectionBroken("The instance has died."));
    return forever();
  }
}

function forever(): Promise<never> {
  return new Promise(() => {});
}
