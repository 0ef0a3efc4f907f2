/**
 * Imports one file in this fresh process, and prints how many milliseconds that took:
 *
 *     node bench/import-probe.ts FILE
 *
 * or, with `--bytes`, how many bytes of files were loaded. Watching what is loaded takes time, so it
 * is one or the other.
 */
import { statSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

const [file = "", bytesWanted] = process.argv.slice(2);
const coreApi = new URL("../local/functions-host/core-api.ts", import.meta.url).href;
registerHooks({
  resolve: (specifier, context, nextResolve) =>
    specifier === "@azure/functions-core"
      ? { url: coreApi, format: "module-typescript", shortCircuit: true }
      : nextResolve(specifier, context),
});
// The platform's worker has it in memory before an app is loaded.
await import(coreApi);

let bytes = 0;
if (bytesWanted === "--bytes") {
  registerHooks({
    load(url, context, nextLoad) {
      if (url.startsWith("file:") && url !== coreApi) bytes += statSync(fileURLToPath(url)).size;
      return nextLoad(url, context);
    },
  });
}
const startedAt = performance.now();
await import(pathToFileURL(file).href);
const milliseconds = performance.now() - startedAt;
const figure = bytesWanted === "--bytes" ? bytes : milliseconds;
process.stdout.write(`\n${figure}\n`, () => process.exit(0));
