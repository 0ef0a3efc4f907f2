/**
 * `npm run build`: makes `dist/`, which is what is deployed and what `func start` runs, and brings the
 * files up to date that follow from the domain (`domain-files.ts`).
 */
import { buildApp } from "./build-app.ts";
import { writeDomainFiles } from "./domain-files.ts";

for (const file of await writeDomainFiles()) console.log(`Brought up to date: ${file}`);
await buildApp();
