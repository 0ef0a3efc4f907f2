import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applicationFolder } from "../../local/paths.ts";
import { importTime } from "../cold-start/import-time.ts";
import { bundleModule, importedModules } from "../cold-start/modules.ts";
import type { Measurement } from "../report.ts";
import type { ScenarioGroup } from "../scenario.ts";

const bundleName = "import/bundle";
const cachedName = "import/bundle-with-compile-cache";
const moduleNames = new Map(importedModules.map((name) => [`import/${name}`, name]));

interface Imported {
  readonly name: string;
  readonly file: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly values: number[];
}

/** What importing costs in a fresh process: the bundle, and what it holds, each alone. */
export const imports: ScenarioGroup = {
  names: [bundleName, cachedName, ...moduleNames.keys()],

  async measure(names, { rounds }) {
    const folder = await mkdtemp(join(tmpdir(), "bench-imports-"));
    try {
      const bundle = join(applicationFolder, "main.mjs");
      const imported: Imported[] = [];
      if (names.has(bundleName)) imported.push({ name: bundleName, file: bundle, values: [] });
      if (names.has(cachedName)) {
        const environment = { NODE_COMPILE_CACHE: join(folder, "compile-cache") };
        imported.push({ name: cachedName, file: bundle, environment, values: [] });
      }
      for (const [name, module] of moduleNames) {
        if (!names.has(name)) continue;
        imported.push({ name, file: await bundleModule(module, folder), values: [] });
      }
      // Once unmeasured, so that there is something in the cache.
      for (const { file, environment } of imported) {
        if (environment) await importTime(file, environment);
      }
      for (let round = 0; round < rounds; round += 1) {
        for (const { file, environment, values } of imported) {
          values.push(await importTime(file, environment));
        }
      }
      return imported.map(
        ({ name, values }): Measurement => ({
          name,
          metrics: [{ name: "import", unit: "ms", values }],
          answers: values.length,
          errors: 0,
        }),
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
