/** A clock that stands still until it is told to move. Milliseconds since the epoch. */
export class FakeClock {
  #now: number;

  constructor(start = Date.parse("2026-11-21T12:00:00Z")) {
    this.#now = start;
  }

  readonly now = (): number => this.#now;

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}
