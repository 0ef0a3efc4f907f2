/**
 * `npm run fuzz -- [CASES] [SEED]`: random requests through the whole pipeline, 20,000 unless given,
 * and a look at the memory before and after. A failure prints the smallest request that fails, and
 * the seed with which to run it again.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { fuzz } from "../test/security/fuzz.ts";

/** What a run may leave behind: caches that fill once, not per request. */
const toleratedGrowthMegabytes = 30;

const [cases = "20000", seed = String(Date.now())] = process.argv.slice(2);
const total = Number(cases);

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const heldMegabytes = () => {
  collectGarbage();
  return process.memoryUsage().heapUsed / 1024 / 1024;
};

await fuzz({ seed: Number(seed), cases: Math.min(2000, total) });
const before = heldMegabytes();
const report = await fuzz({ seed: Number(seed) + 1, cases: total });
const growth = heldMegabytes() - before;

console.log(JSON.stringify({ ...report, growthMegabytes: Number(growth.toFixed(1)) }));
if (growth > toleratedGrowthMegabytes) {
  console.error(`The process holds ${growth.toFixed(1)} MB more than before.`);
  process.exitCode = 1;
}
