import { randomUUID } from "node:crypto";
import { inspect } from "node:util";
import type { ProgrammingModel } from "./core-types.ts";
import { startInvocation } from "./invocation.ts";
import { writeLog } from "./logging.ts";
import type { RegisteredFunction } from "./registrations.ts";
import { nextTime, parseSchedule, type Schedule } from "./schedule.ts";

/** A function that runs by the clock. */
export interface TimerFunction {
  readonly function: RegisteredFunction;
  /** The trigger's name among the function's bindings. */
  readonly triggerName: string;
  readonly schedule: Schedule;
}

/**
 * The functions that a timer alone starts.
 *
 * @throws {StartFailure} for a schedule that cannot be read
 */
export function timerFunctions(functions: readonly RegisteredFunction[]): TimerFunction[] {
  return functions.flatMap((registered) => {
    const [[triggerName, trigger] = [], ...others] = Object.entries(registered.metadata.bindings);
    if (!triggerName || trigger?.type?.toLowerCase() !== "timertrigger" || others.length > 0) {
      return [];
    }
    return [{ function: registered, triggerName, schedule: parseSchedule(trigger.schedule ?? "") }];
  });
}

export interface TimersOptions {
  readonly model: ProgrammingModel;
  readonly timers: readonly TimerFunction[];
  readonly functionTimeoutMilliseconds: number;
  /** Told when an invocation has taken longer than that. */
  readonly onTimeout: () => void;
}

export interface Timers {
  /** Runs a function now, beside its schedule; false where there is none of this name. */
  run(name: string): boolean;
  /** Stops the clocks and resolves when all that runs has ended, or after `milliseconds`. */
  stop(milliseconds: number): Promise<void>;
}

/**
 * Runs functions by the clock, as the real host does: by a schedule in UTC, never two runs of one
 * schedule at a time. Where it differs: what was missed while the host was down is not made up for, and
 * nothing runs at start.
 *
 * Source: https://github.com/Azure/azure-webjobs-sdk-extensions, `TimerListener.cs`
 */
export function startTimers(options: TimersOptions): Timers {
  const running = new Set<Promise<void>>();
  const clocks = new Map<TimerFunction, NodeJS.Timeout>();
  const lastRuns = new Map<TimerFunction, string>();
  let isStopping = false;

  function run(timer: TimerFunction): Promise<void> {
    const run = invoke(options, timer, lastRuns.get(timer)).finally(() => running.delete(run));
    lastRuns.set(timer, new Date().toISOString());
    running.add(run);
    return run;
  }

  function wait(timer: TimerFunction): void {
    if (isStopping) return;
    const milliseconds = nextTime(timer.schedule, Date.now()) - Date.now();
    const clock = setTimeout(async () => {
      await run(timer);
      wait(timer);
    }, milliseconds);
    clocks.set(timer, clock);
  }

  for (const timer of options.timers) {
    if (!isDisabled(timer)) wait(timer);
  }
  return {
    run(name) {
      const timer = options.timers.find(
        ({ function: { metadata } }) => metadata.name.toLowerCase() === name.toLowerCase(),
      );
      if (timer) void run(timer);
      return timer !== undefined;
    },
    async stop(milliseconds) {
      isStopping = true;
      for (const clock of clocks.values()) clearTimeout(clock);
      const late = new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
      await Promise.race([late, Promise.allSettled(running)]);
    },
  };
}

/**
 * By its own setting; it can still be run by hand.
 *
 * @see https://learn.microsoft.com/azure/azure-functions/disable-function
 */
function isDisabled({ function: { metadata } }: TimerFunction): boolean {
  return /^(?:true|1)$/i.test(process.env[`AzureWebJobs.${metadata.name}.Disabled`] ?? "");
}

/** Never rejects. */
async function invoke(
  { model, functionTimeoutMilliseconds, onTimeout }: TimersOptions,
  { function: registered, triggerName, schedule }: TimerFunction,
  lastRun: string | undefined,
): Promise<void> {
  const now = Date.now();
  const data = {
    Schedule: { AdjustForDST: true },
    ScheduleStatus: {
      Last: lastRun ?? "0001-01-01T00:00:00+00:00",
      Next: new Date(nextTime(schedule, now)).toISOString(),
      LastUpdated: lastRun ?? "0001-01-01T00:00:00+00:00",
    },
    IsPastDue: false,
  };
  const timeout = setTimeout(onTimeout, functionTimeoutMilliseconds);
  try {
    await startInvocation(model, registered, {
      invocationId: randomUUID(),
      inputData: [{ name: triggerName, data: { json: JSON.stringify(data) } }],
      triggerMetadata: {},
    }).completed;
  } catch (error) {
    const { name } = registered.metadata;
    writeLog("error", "system", `The function "${name}" failed.\n${inspect(error)}`);
  } finally {
    clearTimeout(timeout);
  }
}
