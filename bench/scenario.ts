import type { Measurement } from "./report.ts";
import type { Stack } from "./stack/stack.ts";

export interface Effort {
  /** For how long each scenario is measured, all its rounds together. */
  readonly seconds: number;
  readonly rounds: number;
}

export interface Resources extends Effort {
  /** The laptop stack without a server; started when first asked for. */
  stack(): Promise<Stack>;
}

/** Scenarios that are measured together, so that what disturbs one disturbs all of them. */
export interface ScenarioGroup {
  readonly names: readonly string[];
  /** Measures those of its scenarios that `names` has. */
  measure(names: ReadonlySet<string>, resources: Resources): Promise<Measurement[]>;
}
