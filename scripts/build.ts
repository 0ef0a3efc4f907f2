/**
 * `npm run build`: makes `dist/`, which is what is deployed and what `func start` runs, and brings the
 * files up to date that follow from the domain (`domain-files.ts`).
 */
import { readArguments, runCommand } from "../local/command-line.ts";

const usage = `Usage: npm run build

Makes dist/: what is deployed, and what "func start" runs. It holds everything the server needs. Brings
infra/domain.json, and what else follows from the domain, up to date.`;

await runCommand(async () => {
  readArguments(usage, {});
  // They bring the whole server along, which would keep a refusal waiting.
  const { writeDomainFiles } = await import("./domain-files.ts");
  const { build } = await import("./dist.ts");
  for (const file of await writeDomainFiles()) console.log(`Brought up to date: ${file}`);
  await build();
});
