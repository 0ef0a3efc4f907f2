/**
 * `npm run bridge -- --url URL`: the bridge, which knows the laptop stack here. Where the URL is that of
 * a stack that runs, its tenant and the bridge's registration there are given as if on the command line:
 * from what the stack has left on this machine's disk, not from what the server says.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import tls from "node:tls";
import { CannotStart, readCommand } from "../bridge/command-line.ts";
import { neverProxyLoopback } from "./command-line.ts";
import { bridgeClientId, tenantId } from "./directory.ts";
import { loopbackHosts } from "./loopback.ts";
import { dataFolder } from "./paths.ts";
import { runningStacks } from "./stack-record.ts";

/** As `npm start` has it: for a stack that keeps its data elsewhere. It is not the bridge's. */
const data = process.argv.indexOf("--data", 2);
const [, folder = dataFolder] = data < 0 ? [] : takeData();

const options = await laptopOptions(process.argv.slice(2));
if (options) {
  neverProxyLoopback(process.env);
  // MSAL insists on https. What NODE_EXTRA_CA_CERTS names is read at a process's start only.
  const authority = await readFile(join(folder, "ca.pem"), "utf8");
  tls.setDefaultCACertificates([...tls.getCACertificates("default"), authority]);
  process.argv.push(...options);
}
await import("../bridge/main.ts");

async function laptopOptions(args: readonly string[]): Promise<readonly string[] | undefined> {
  const command = commandOf(args);
  if (!command || command.kind === "help" || command.choices.tenant !== undefined) return undefined;
  const { protocol, hostname, port } = command.server.url;
  if (protocol !== "http:" || !loopbackHosts.has(hostname)) return undefined;
  const stacks = await runningStacks(join(folder, "stacks"));
  const stack = stacks.find((running) => running.port === Number(port || 80));
  if (!stack) {
    // Another server here may have a tenant of its own, and the user the id of a client in it.
    if (command.choices.clientId !== undefined) return undefined;
    console.error(
      `No laptop stack that keeps its data in ${folder} is running at port ${port || 80}. Start one in another terminal: npm start. Where one runs with --data FOLDER, give the same here.`,
    );
    process.exit(2);
  }
  const tenant = `https://localhost:${stack.ports.authorityHttps}/${tenantId}`;
  const clientId = command.choices.clientId ?? bridgeClientId;
  return ["--tenant", tenant, "--client-id", clientId];
}

function takeData(): readonly string[] {
  const taken = process.argv.splice(data, 2);
  if (taken.length === 2) return taken;
  console.error("--data takes the folder that npm start was given.");
  process.exit(2);
}

/** Nothing where there is something wrong with the command line: the bridge says what. */
function commandOf(args: readonly string[]) {
  try {
    return readCommand(args);
  } catch (error) {
    if (error instanceof CannotStart) return undefined;
    throw error;
  }
}
