import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from "node:os";
import { z } from "zod";

const metricSchema = z.object({
  name: z.string(),
  /** `times` is a ratio, measured in pairs. More is better of `1/s` alone. */
  unit: z.enum(["1/s", "ms", "µs", "MB", "kB", "bytes", "times"]),
  /** One per round or pair. */
  values: z.array(z.number()).min(1),
});

const measurementSchema = z.object({
  name: z.string(),
  metrics: z.array(metricSchema),
  /** How many answers were checked, and how many of them were wrong or never came. */
  answers: z.number(),
  errors: z.number(),
  /** What was wrong with the first of them. */
  firstError: z.string().optional(),
});

/** What a run prints with `--json`, and reads with `--compare`. */
export const reportSchema = z.object({
  /** Of this form; raised when it changes. */
  version: z.literal(1),
  /** ISO 8601. */
  startedAt: z.iso.datetime(),
  /** Seconds that the whole run took. */
  duration: z.number(),
  machine: z.object({
    processors: z.number(),
    processor: z.string(),
    memoryGigabytes: z.number(),
    system: z.string(),
    node: z.string(),
  }),
  /** How many processes wanted a processor in the minute before the run; 0 on Windows. */
  loadBefore: z.number(),
  /** For which each scenario was measured. */
  seconds: z.number(),
  rounds: z.number(),
  measurements: z.array(measurementSchema),
});

/** A figure, measured several times. */
export type Metric = z.infer<typeof metricSchema>;

/** What one scenario has yielded. */
export type Measurement = z.infer<typeof measurementSchema>;

export type Report = z.infer<typeof reportSchema>;

/** What a run's figures depend on, beside the code. */
export function thisMachine(): Report["machine"] {
  return {
    processors: availableParallelism(),
    processor: cpus()[0]?.model.trim() || "unknown",
    memoryGigabytes: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${arch()}`,
    node: process.versions.node,
  };
}

export function currentLoad(): number {
  return Number((loadavg()[0] ?? 0).toFixed(2));
}

/** The scenarios with wrong answers, which make a run's figures worthless. */
export function problemsOf({ measurements }: Report): string[] {
  return measurements
    .filter(({ errors }) => errors > 0)
    .map(
      ({ name, errors, answers, firstError }) =>
        `${name}: ${errors} of ${answers} answers were wrong, the first: ${firstError}`,
    );
}
