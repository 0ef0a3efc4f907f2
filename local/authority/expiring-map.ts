/**
 * Values under unguessable keys that are good for a while: sign-ins under way, authorization codes.
 * Bounded, because whoever can reach the authority can start a sign-in: the oldest goes first.
 */
export class ExpiringMap<Value> {
  readonly #lifetime: number;
  readonly #capacity: number;
  readonly #now: () => number;
  readonly #entries = new Map<string, { readonly value: Value; readonly expiresAt: number }>();

  /** @param options.lifetime milliseconds */
  constructor(options: { lifetime: number; capacity: number; now: () => number }) {
    this.#lifetime = options.lifetime;
    this.#capacity = options.capacity;
    this.#now = options.now;
  }

  set(key: string, value: Value): void {
    this.#entries.set(key, { value, expiresAt: this.#now() + this.#lifetime });
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#capacity) break;
      this.#entries.delete(oldest);
    }
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (this.#now() < entry.expiresAt) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  /** The value, which nobody gets a second time. */
  take(key: string): Value | undefined {
    const value = this.get(key);
    this.#entries.delete(key);
    return value;
  }
}
