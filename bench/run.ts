import { currentLoad, type Measurement, type Report, thisMachine } from "./report.ts";
import type { Effort, ScenarioGroup } from "./scenario.ts";
import { bridge } from "./scenarios/bridge.ts";
import { coldStart, imports } from "./scenarios/cold-start.ts";
import { floor } from "./scenarios/floor.ts";
import { http } from "./scenarios/http.ts";
import { memory } from "./scenarios/memory.ts";
import { type Stack, startStack } from "./stack.ts";

/** In this order: what makes the stack hold more data than it had comes last. */
const groups: readonly ScenarioGroup[] = [imports, coldStart, floor, memory, bridge, http];

export const scenarioNames: readonly string[] = groups.flatMap(({ names }) => names);

/** The scenarios that `wanted` names, or begins the names of: `tools-list`, `tools-list/modern`. */
export function scenariosNamed(wanted: string): string[] {
  return scenarioNames.filter((name) => name === wanted || name.startsWith(`${wanted}/`));
}

/** Measures the scenarios that are named, on a stack of their own if one of them needs it. */
export async function runScenarios(names: ReadonlySet<string>, effort: Effort): Promise<Report> {
  const startedAt = new Date();
  const loadBefore = currentLoad();
  let stack: Promise<Stack> | undefined;
  const measurements: Measurement[] = [];
  try {
    for (const group of groups.filter((each) => each.names.some((name) => names.has(name)))) {
      const measured = await group.measure(names, effort, () => {
        stack ??= startStack();
        return stack;
      });
      measurements.push(...measured);
    }
  } finally {
    await (await stack)?.[Symbol.asyncDispose]();
  }
  return {
    version: 1,
    startedAt: startedAt.toISOString(),
    duration: (Date.now() - startedAt.getTime()) / 1000,
    machine: thisMachine(),
    loadBefore,
    seconds: effort.seconds,
    rounds: effort.rounds,
    measurements,
  };
}
