import { arch, availableParallelism, cpus, loadavg, platform, totalmem } from "node:os";

/** What a run's figures depend on, beside the code. */
export interface Machine {
  readonly processors: number;
  readonly processor: string;
  readonly memoryGigabytes: number;
  readonly system: string;
  readonly node: string;
}

export function thisMachine(): Machine {
  return {
    processors: availableParallelism(),
    processor: cpus()[0]?.model.trim() || "unknown",
    memoryGigabytes: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${arch()}`,
    node: process.versions.node,
  };
}

/** How many processes wanted a processor in the last minute; 0 on Windows, which does not tell. */
export function currentLoad(): number {
  return Number((loadavg()[0] ?? 0).toFixed(2));
}
