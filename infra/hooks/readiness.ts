import { failure, type Result, success } from "../../src/core/result.ts";
import { type Clock, systemClock } from "./clock.ts";
import { causeOf } from "./graph.ts";

export interface ReadinessOptions {
  /** Of `/health/ready`, which answers 200 when every dependency can be reached. */
  readonly url: URL;
  /** How long to wait in all, in milliseconds. */
  readonly patience: number;
  /** Told when an answer differs from the one before. */
  readonly onAnswer: (answer: string) => void;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
}

export interface NotReady {
  readonly kind: "not-ready";
  readonly lastAnswer: string;
}

const pauseMilliseconds = 5_000;
const answerWithinMilliseconds = 30_000;

/**
 * Waits until the server is ready. Straight after a deployment it starts cold, and new role
 * assignments take up to ten minutes to have an effect.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/troubleshooting
 */
export async function waitUntilReady(options: ReadinessOptions): Promise<Result<void, NotReady>> {
  const { now, wait } = options.clock ?? systemClock;
  const giveUpAt = now() + options.patience;
  let lastAnswer = "";
  for (;;) {
    const answer = await ask(options);
    if (answer === "200") return success(undefined);
    if (answer !== lastAnswer) options.onAnswer(answer);
    lastAnswer = answer;
    if (now() + pauseMilliseconds > giveUpAt) return failure({ kind: "not-ready", lastAnswer });
    await wait(pauseMilliseconds);
  }
}

async function ask({ url, ...options }: ReadinessOptions): Promise<string> {
  try {
    const response = await (options.fetch ?? fetch)(url, {
      signal: AbortSignal.timeout(answerWithinMilliseconds),
    });
    await response.body?.cancel();
    return String(response.status);
  } catch (error) {
    return causeOf(error);
  }
}
