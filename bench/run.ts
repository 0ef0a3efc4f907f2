import { currentLoad, type Measurement, type Report, thisMachine } from "./report.ts";
import type { Effort, ScenarioGroup } from "./scenario.ts";
import { type Stack, startStack } from "./stack/stack.ts";

/** Measures the scenarios that are named, on a stack of their own if one of them needs it. */
export async function runScenarios(
  groups: readonly ScenarioGroup[],
  names: ReadonlySet<string>,
  effort: Effort,
): Promise<Report> {
  const startedAt = new Date();
  const loadBefore = currentLoad();
  let stack: Promise<Stack> | undefined;
  const resources = {
    ...effort,
    stack() {
      stack ??= startStack();
      return stack;
    },
  };
  const measurements: Measurement[] = [];
  try {
    for (const group of groups) {
      if (group.names.some((name) => names.has(name))) {
        measurements.push(...(await group.measure(names, resources)));
      }
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
    ...effort,
    measurements,
  };
}
