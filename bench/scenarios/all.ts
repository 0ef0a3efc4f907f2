import type { ScenarioGroup } from "../scenario.ts";
import { bundleSize } from "./bundle-size.ts";
import { coldStart } from "./cold-start.ts";
import { httpLoad } from "./http-load.ts";
import { imports } from "./imports.ts";
import { inProcess } from "./in-process.ts";
import { memory } from "./memory.ts";

/**
 * All that is measured, in this order: what makes the stack hold more data than it had comes last.
 */
export const scenarioGroups: readonly ScenarioGroup[] = [
  bundleSize,
  imports,
  inProcess,
  coldStart,
  memory,
  httpLoad,
];

export const scenarioNames: readonly string[] = scenarioGroups.flatMap(({ names }) => names);

/** The scenarios that `wanted` names, or begins the names of: `tools-list`, `tools-list/modern`. */
export function scenariosNamed(wanted: string): string[] {
  return scenarioNames.filter((name) => name === wanted || name.startsWith(`${wanted}/`));
}
