import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

/**
 * So often in a minute an instance asks Entra for one grant: a client that refreshes when it has to does so
 * every ten minutes.
 */
export const refreshesPerMinute = 60;

/**
 * Keeps one client from having Entra throttle the gateway. To Entra all clients are the gateway's one
 * registration, and all clients of a person are one: what one of them asks for too often the others do not
 * get.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes, AADSTS50196
 */
export class EntraTurns {
  readonly #grants = new RateLimiterMemory({ points: refreshesPerMinute, duration: 60 });

  /** Counts a refresh of the grant, and tells in how many seconds to come again where it is one too many. */
  async take(grantId: string): Promise<number | undefined> {
    try {
      await this.#grants.consume(grantId);
      return undefined;
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      return Math.min(60, Math.max(1, Math.ceil(refused.msBeforeNext / 1000)));
    }
  }
}
