/** `npm start`: builds, and runs the whole system on this machine. Ctrl-C ends all of it. */
import { access } from "node:fs/promises";
import { join } from "node:path";
import { readConfig } from "../src/config.ts";
import { CommandError, readArguments, readPort, runCommand } from "./command-line.ts";
import { accounts, adminGroupId } from "./directory.ts";
import { freePorts, type ReservedPort, reservePort } from "./free-port.ts";
import { type FunctionsHost, startFunctionsHost } from "./functions-host/start.ts";
import { applicationFolder, dataFolder as defaultDataFolder } from "./paths.ts";
import { type Services, startServices } from "./services.ts";
import { serverSettings } from "./settings.ts";
import { anyPorts, forget, makeFolder, readRecord, writeRecord } from "./stack-record.ts";
import { stopRequested } from "./stop.ts";
import { welcome } from "./welcome.ts";

const defaultPort = 7071;

/** What a shell may still hold from work with Azure, and would change who the server is here. */
const notForTheLaptop = {
  ENTRA_CLIENT_SECRET: undefined,
  WEBSITE_HOSTNAME: undefined,
  WEBSITE_INSTANCE_ID: undefined,
};

await runCommand(async () => {
  const { values, positionals } = readArguments("Usage: npm start -- [options]", {
    port: { type: "string", description: `the server's port, ${defaultPort} unless given` },
    fresh: { type: "boolean", description: "forget what this stack has stored" },
    json: { type: "boolean", description: "print one line of JSON when ready, logs to stderr" },
    data: { type: "string", description: "the folder to keep data in, .local unless given" },
    build: { type: "boolean", description: "build before starting, as npm start does" },
  });
  if (positionals.length > 0) throw new CommandError(`What is ${positionals[0]}? Try --help.`);
  // In this process: a shell between npm and the stack would not pass on the signal that ends it.
  if (values.build) await (await import("../scripts/dist.ts")).build();
  await access(join(applicationFolder, "main.mjs")).catch(() => {
    throw new CommandError("There is no build to start. Run: npm run build");
  });
  const wantedPort = values.port === undefined ? defaultPort : readPort("port", values.port);
  const reserved = await reservePort("MCP server", wantedPort);
  const { port } = reserved;

  const dataFolder = values.data ?? defaultDataFolder;
  const stackFolder = join(dataFolder, "stacks", String(port));
  const before = await readRecord(stackFolder);
  if (values.fresh) await forget(stackFolder);
  await makeFolder(stackFolder);

  const log = (line: string) => (values.json ? console.error(line) : console.log(line));
  const ports = await freePorts(before?.ports ?? anyPorts);
  const services = await startServices({ dataFolder, stackFolder, ports, log }).catch(
    async (error: unknown) => {
      await reserved.release();
      throw error;
    },
  );
  let host: FunctionsHost | undefined;
  try {
    const mcp = `http://localhost:${port}/mcp`;
    host = await startServer(services, mcp, reserved, log);
    await writeRecord(stackFolder, {
      processId: process.pid,
      serverProcessId: host.processId,
      startedAt: Date.now(),
      port,
      issuer: services.issuer,
      ports: services.ports,
    });
    const summary = {
      mcp,
      authority: services.issuer,
      graph: services.graph,
      cosmos: services.cosmos,
      storage: services.storage,
      accounts: accounts.map(({ username, objectId, groups }) => ({
        username,
        oid: objectId,
        admin: groups.includes(adminGroupId),
      })),
    };
    console.log(
      values.json
        ? JSON.stringify(summary)
        : welcome(summary, { port, stackFolder, dataFolder: values.data }),
    );

    const died = await Promise.race([
      stopRequested(),
      services.died,
      host.exited.then(() => "MCP server"),
    ]);
    if (died) throw new CommandError(`${died} ended unexpectedly; everything else is stopped too.`);
  } finally {
    await host?.close();
    await services.close();
    await reserved.release();
  }
});

/** Starts the bundle over the services, and makes sure that it reaches all of them. */
async function startServer(
  services: Services,
  mcp: string,
  reserved: ReservedPort,
  log: (line: string) => void,
): Promise<FunctionsHost> {
  const env = {
    ...process.env,
    ...notForTheLaptop,
    ...serverSettings(services, mcp, services.certificateAuthorities),
    NO_PROXY: withoutProxy(process.env),
  };
  // The same check that the server makes; here its message is the command's own.
  readConfig(env);
  await reserved.release();
  const { port } = reserved;
  const host = await startFunctionsHost({ appDirectory: applicationFolder, port, env, onLog: log });
  try {
    const ready = await fetch(`${host.url}/health/ready`);
    if (ready.ok) return host;
    throw new CommandError(`The MCP server does not reach what it needs: ${await ready.text()}`);
  } catch (error) {
    await host.close();
    throw error;
  }
}

/** The Azure SDKs would send even what is for this machine to a proxy that the environment names. */
function withoutProxy({ NO_PROXY, no_proxy }: NodeJS.ProcessEnv): string {
  return [NO_PROXY ?? no_proxy, "localhost", "127.0.0.1"].filter(Boolean).join(",");
}
