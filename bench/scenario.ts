import type { Measurement, Metric } from "./report.ts";
import type { Stack } from "./stack.ts";

export interface Effort {
  /** For how long each scenario is measured, all its rounds together. */
  readonly seconds: number;
  /** One where nothing is to be measured, only everything to be seen working. */
  readonly rounds: number;
  /** The folder of another build to measure this one against. */
  readonly against?: string | undefined;
}

/** Scenarios that are measured together, so that what disturbs one disturbs all of them. */
export interface ScenarioGroup {
  readonly names: readonly string[];
  /**
   * Measures those of its scenarios that `names` has.
   *
   * @param startStack gives the laptop stack without a server, the same one every time
   */
  measure(
    names: ReadonlySet<string>,
    effort: Effort,
    startStack: () => Promise<Stack>,
  ): Promise<Measurement[]>;
}

/** Counts what was answered, and what was wrong with it. */
export class Tally {
  answers = 0;
  errors = 0;
  firstError: string | undefined;

  /** @param problem what is wrong with the answer, if anything is */
  count(problem: string | undefined): void {
    this.answers += 1;
    if (problem === undefined) return;
    this.errors += 1;
    this.firstError ??= problem;
  }

  measurement(name: string, metrics: Metric[]): Measurement {
    const { answers, errors, firstError } = this;
    return { name, metrics, answers, errors, firstError };
  }
}
