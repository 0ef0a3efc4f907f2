/**
 * `npm run fuzz -- [CASES] [SEED]`: random requests through the whole pipeline, and a look at the
 * memory before and after. A failure prints the smallest request that fails, what went wrong, and the
 * seed with which to run it again.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CommandError, readArguments, runCommand } from "../local/command-line.ts";

const usage = `Usage: npm run fuzz -- [CASES] [SEED]

Sends CASES random requests through the whole pipeline, 20000 unless given. The same SEED, a whole
number, makes the same requests.`;

/** What a run may leave behind: caches that fill once, not per request. */
const toleratedGrowthMegabytes = 30;

await runCommand(async () => {
  const { positionals } = readArguments(usage, {}, 2);
  const [cases = "20000", seed = String(Date.now() % 2 ** 31)] = positionals;
  const total = readWholeNumber("CASES", cases, 1);
  const first = readWholeNumber("SEED", seed, 0);

  // It brings the whole server along, which would keep a refusal waiting.
  const { fuzz } = await import("../test/security/fuzz.ts");
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const heldMegabytes = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed / 1024 / 1024;
  };

  await fuzz({ seed: first + 1, cases: Math.min(2000, total) });
  const before = heldMegabytes();
  const report = await fuzz({ seed: first, cases: total });
  const growth = heldMegabytes() - before;

  console.log(JSON.stringify({ ...report, growthMegabytes: Number(growth.toFixed(1)) }));
  if (report.cases < total) throw new CommandError(`Only ${report.cases} of ${total} cases ran.`);
  if (growth > toleratedGrowthMegabytes) {
    throw new CommandError(`The process holds ${growth.toFixed(1)} MB more than before.`);
  }
});

function readWholeNumber(name: string, text: string, least: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
  throw new CommandError(`${name} takes a whole number from ${least}, not ${text}.`);
}
