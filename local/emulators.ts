/**
 * `npm run emulators`: the laptop stack without the server, on the ports that
 * `local.settings.sample.json` names, for `func start` in another terminal.
 */
import { join, relative } from "node:path";
import { CommandError, readArguments, runCommand } from "./command-line.ts";
import { dataFolder as defaultDataFolder, projectFolder } from "./paths.ts";
import { forget, makeFolder, writeRecord } from "./stack-record.ts";
import { stopRequested } from "./stop.ts";

await runCommand(async () => {
  const { values } = readArguments("Usage: npm run emulators -- [options]", {
    fresh: { description: "delete what has been stored" },
    data: { value: "FOLDER", description: "the folder to keep data in, .local unless given" },
    "client-documents": {
      description:
        "let clients be known by the URL of their document: their first sign-in fetches it",
    },
  });
  // They bring most of what is installed along, which would keep a refusal waiting.
  const { emulatorIdentityHeader, emulatorPorts, emulatorServerPort } = await import(
    "./emulator-settings.ts"
  );
  const { startServices } = await import("./services.ts");
  const { inFormat } = await import("./log-line.ts");
  const dataFolder = values.data ?? defaultDataFolder;
  const stackFolder = join(dataFolder, "stacks", "emulators");
  if (values.fresh) await forget(stackFolder);
  await makeFolder(stackFolder);

  const services = await startServices({
    dataFolder,
    stackFolder,
    ports: emulatorPorts,
    serverUrl: `http://localhost:${emulatorServerPort}/mcp`,
    identityHeader: emulatorIdentityHeader,
    clientDocuments: values["client-documents"],
    log: (line) => console.log(line),
    refusalLog: inFormat("text", (line) => console.log(line)),
  });
  try {
    await writeRecord(stackFolder, {
      processId: process.pid,
      startedAt: Date.now(),
      port: emulatorServerPort,
      issuer: services.issuer,
      ports: services.ports,
    });
    console.log(readyText(services.certificateAuthorities));
    const died = await Promise.race([stopRequested(), services.died]);
    if (died) throw new CommandError(`${died} ended unexpectedly; everything else is stopped too.`);
  } finally {
    await services.close();
  }
});

function readyText(certificateAuthorities: string): string {
  const lines = [
    "",
    "Ready: sign-in, managed identity, Graph, Cosmos DB and storage, as local.settings.sample.json names them.",
    "",
    "In another terminal:",
    "  copy local.settings.sample.json to local.settings.json, then",
    "  npm run build",
    "  func start",
  ];
  // Core Tools prefer what the environment has over local.settings.json.
  if (process.env.NODE_EXTRA_CA_CERTS) {
    const path = relative(projectFolder, certificateAuthorities);
    lines.push(
      "",
      `NODE_EXTRA_CA_CERTS is set on this machine and wins over local.settings.json: set it to ${path} in that terminal.`,
    );
  }
  return [...lines, "", "Ctrl-C ends all of it."].join("\n");
}
