/**
 * `npm run sweep-receipts`: counts, or deletes, the receipts that no expense refers to, in the laptop
 * stack or in Azure. The server does the same by itself once a day.
 */
import { readArguments, runCommand } from "../local/command-line.ts";

const usage = `Usage: npm run sweep-receipts -- [options]

Counts the receipts that no expense refers to, at least an hour old. They are left behind where a call was cut
off. Database and storage have to be of one server: receipts whose expenses are elsewhere count as well.`;

await runCommand(async () => {
  const { values } = readArguments(usage, {
    delete: { description: "delete them too" },
    stack: { value: "PORT", description: "the laptop stack whose server is at this port" },
    data: { value: "FOLDER", description: "the folder that the stack was started with" },
    cosmos: {
      value: "URL",
      description: "the database in Azure, as whoever is signed in to az or azd",
    },
    storage: { value: "URL", description: "the blob service in Azure" },
  });
  // It brings what reaches Azure along, which would keep a refusal waiting.
  const { sweep } = await import("./sweep.ts");
  await sweep(values);
});
