import { abortable } from "./core/deadline.ts";
import { type Answer, jsonAnswer } from "./core/endpoint.ts";

/** Asks one dependency whether it can be reached. Rejects, or is cut off, where it cannot. */
export type DependencyCheck = (signal: AbortSignal) => Promise<unknown>;

export interface ReadinessOptions {
  /** By the name that the answer shows. */
  readonly dependencies: Readonly<Record<string, DependencyCheck>>;
  /** Milliseconds by a clock that nobody sets: it measures durations alone. */
  readonly now: () => number;
  /** Told of each check that failed, with its name. */
  readonly onUnreachable: (dependency: string, error: unknown) => void;
}

interface Readiness {
  readonly status: "ready" | "unavailable";
  readonly dependencies: Readonly<Record<string, "ok" | "unavailable">>;
}

/** The endpoint is anonymous, so it must not let anyone load the dependencies. */
const cacheMilliseconds = 10_000;
const checkTimeoutMilliseconds = 5_000;

/** The process is alive. Says nothing of what is inside. */
export const healthAnswer = jsonAnswer(200, { status: "ok" });

/**
 * Whether every dependency can be reached: 200, or 503 with the names of those that cannot be, and
 * no details. Asked for at most once in ten seconds, however many ask.
 */
export function createReadiness(options: ReadinessOptions): () => Promise<Answer> {
  let known: { readonly at: number; readonly readiness: Promise<Readiness> } | undefined;

  return async () => {
    if (!known || options.now() - known.at >= cacheMilliseconds) {
      known = { at: options.now(), readiness: check(options) };
    }
    const readiness = await known.readiness;
    return readiness.status === "ready"
      ? jsonAnswer(200, readiness)
      : jsonAnswer(503, readiness, { "retry-after": "10" });
  };
}

async function check({ dependencies, onUnreachable }: ReadinessOptions): Promise<Readiness> {
  const entries = await Promise.all(
    Object.entries(dependencies).map(async ([name, reach]) => {
      try {
        const signal = AbortSignal.timeout(checkTimeoutMilliseconds);
        // Not every client library heeds the signal in time.
        await abortable(reach(signal), signal);
        return [name, "ok"] as const;
      } catch (error) {
        onUnreachable(name, error);
        return [name, "unavailable"] as const;
      }
    }),
  );
  const ready = entries.every(([, state]) => state === "ok");
  return { status: ready ? "ready" : "unavailable", dependencies: Object.fromEntries(entries) };
}
