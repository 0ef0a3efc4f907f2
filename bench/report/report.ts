import { z } from "zod";

const metricSchema = z.object({
  name: z.string(),
  unit: z.enum(["1/s", "ms", "µs", "MB", "kB"]),
  better: z.enum(["higher", "lower"]),
  values: z.array(z.number()).min(1),
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
  /** Of the minute before the run: what else the machine was doing. */
  loadBefore: z.number(),
  /** For which each scenario was measured. */
  seconds: z.number(),
  rounds: z.number(),
  measurements: z.array(
    z.object({
      name: z.string(),
      metrics: z.array(metricSchema),
      answers: z.number(),
      errors: z.number(),
      firstError: z.string().optional(),
    }),
  ),
});

export type Report = z.infer<typeof reportSchema>;
