import type { Account } from "../../directory.ts";
import type { StateStore } from "../state.ts";

/**
 * Which of a person's sign-ins still hold. A sign-in has the number that is current when it is made;
 * revoking raises the number, and what has a lower one is refused from then on, across restarts too.
 */
export class Sessions {
  readonly #store: StateStore;

  constructor(store: StateStore) {
    this.#store = store;
  }

  currentOf({ objectId }: Account): number {
    return this.#store.state.sessions[objectId] ?? 0;
  }

  async revoke(account: Account): Promise<void> {
    const sessions = { ...this.#store.state.sessions };
    sessions[account.objectId] = this.currentOf(account) + 1;
    await this.#store.save({ sessions });
  }
}
