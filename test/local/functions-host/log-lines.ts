/** Collects the lines of a host, and waits for those yet to come. */
export class LogLines {
  readonly all: string[] = [];
  readonly #waiting = new Set<() => void>();

  readonly add = (line: string): void => {
    this.all.push(line);
    for (const check of this.#waiting) check();
  };

  /** @param start index of the first line to look at */
  async find(pattern: RegExp, start = 0): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const check = () => {
      const line = this.all.slice(start).find((candidate) => pattern.test(candidate));
      if (line !== undefined) resolve(line);
    };
    this.#waiting.add(check);
    check();
    return promise.finally(() => this.#waiting.delete(check));
  }
}
