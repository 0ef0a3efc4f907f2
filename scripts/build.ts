/**
 * `npm run build`: makes `dist/`, which is what is deployed and what `func start` runs, and brings the
 * files up to date that follow from the domain (`domain-files.ts`).
 */
import { readArguments, runCommand } from "../local/command-line.ts";
import { build } from "./dist.ts";
import { writeDomainFiles } from "./domain-files.ts";

const usage = `Usage: npm run build

Makes dist/: what is deployed, and what "func start" runs. It holds everything the server needs. Brings
infra/domain.json, and what else follows from the domain, up to date.`;

await runCommand(async () => {
  readArguments(usage, {});
  for (const file of await writeDomainFiles()) console.log(`Brought up to date: ${file}`);
  await build();
});
