/**
 * Imports one file in this fresh process, and prints how long that took in milliseconds:
 *
 *     node bench/cold-start/import-probe.ts FILE
 */
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";

const [file = ""] = process.argv.slice(2);
const coreApi = new URL("../../local/functions-host/core-api.ts", import.meta.url).href;
registerHooks({
  resolve: (specifier, context, nextResolve) =>
    specifier === "@azure/functions-core"
      ? { url: coreApi, format: "module-typescript", shortCircuit: true }
      : nextResolve(specifier, context),
});
// The platform's worker has it in memory before an app is loaded.
await import(coreApi);

const startedAt = performance.now();
await import(pathToFileURL(file).href);
process.stdout.write(`\n${performance.now() - startedAt}\n`, () => process.exit(0));
