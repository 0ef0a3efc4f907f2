/** The whole system on this machine: `npm start`, and `npm run watch`. */
import { access } from "node:fs/promises";
import { join } from "node:path";
import { describeDomain } from "../scripts/describe-domain.ts";
import { platformMarks, readSettings } from "../src/config.ts";
import { CommandError } from "./command-line.ts";
import { accounts, adminGroupId } from "./directory.ts";
import { freePorts, type ReservedPort, reservePort } from "./free-port.ts";
import { type FunctionsHost, startFunctionsHost } from "./functions-host/start.ts";
import { inFormat } from "./log-line.ts";
import { dataFolder as defaultDataFolder } from "./paths.ts";
import { restartingServer } from "./restarting-server.ts";
import { domainToServe, type ServedDomain } from "./served-domain.ts";
import { type Services, startServices } from "./services.ts";
import { notForTheLaptop, serverSettings } from "./settings.ts";
import {
  anyPorts,
  forget,
  makeFolder,
  readRecord,
  runningStackIn,
  writeRecord,
} from "./stack-record.ts";
import { stopRequested } from "./stop.ts";
import type { WatchedBuild } from "./watched-build.ts";
import { welcome } from "./welcome.ts";

/** Settings that the stack chooses, and an environment may choose otherwise. */
const yours = ["RATE_LIMIT_PER_CALLER", "GATEWAY", "GATEWAY_REGISTRATION"] as const;

/** What the command line says. */
export interface Asked {
  readonly port: number;
  readonly data: string | undefined;
  readonly domain: string | undefined;
  /** Of what the server logs. */
  readonly log: string | undefined;
  readonly fresh: boolean;
  readonly json: boolean;
  readonly clientDocuments: boolean;
  readonly build: boolean;
  readonly watch: boolean;
}

/**
 * Builds, where that is asked for, and runs all of it until it is told to stop.
 *
 * @throws {CommandError} saying what is wrong with what is asked for, or what has failed
 */
export async function serve(values: Asked): Promise<void> {
  const dataFolder = values.data ?? defaultDataFolder;
  const log = (line: string) => (values.json ? console.error(line) : console.log(line));
  const serverLog = inFormat(values.log, log);
  const served = await domainToServe(values.domain);
  const reserved = await reserveServerPort(values.port, dataFolder);
  let source: WatchedBuild | undefined;
  try {
    if (values.build || values.watch) log("Building…");
    // In this process: a shell between npm and the stack would not pass on the signal that ends it.
    if (values.build) await (await import("../scripts/dist.ts")).build(served);
    if (values.watch) {
      const { startWatchedBuild } = await import("./watched-build.ts");
      source = await startWatchedBuild(served, log);
    }
    await runStack({
      ...values,
      ...served,
      reserved,
      dataFolder,
      source,
      log,
      serverLog,
    });
  } finally {
    await source?.close();
    await reserved.release();
  }
}

interface StackOptions extends Pick<ServedDomain, "domain" | "folder"> {
  /** The port of the server. */
  readonly reserved: ReservedPort;
  readonly dataFolder: string;
  /** Where the data folder is not the usual one. */
  readonly data: string | undefined;
  readonly fresh: boolean;
  readonly json: boolean;
  readonly clientDocuments: boolean;
  /** What the server is built from, where it is to follow changes. */
  readonly source: WatchedBuild | undefined;
  readonly log: (line: string) => void;
  /** Told every line that the server prints, and what the authority refuses. */
  readonly serverLog: (line: string) => void;
}

/** Runs the stack over the build until it is told to stop. */
async function runStack(options: StackOptions) {
  const { domain, folder, reserved, dataFolder, source, log, serverLog, ...values } = options;
  await access(join(folder, "main.mjs")).catch(() => {
    throw new CommandError("There is no build to start. Run: npm run build");
  });
  const { port } = reserved;
  const stackFolder = join(dataFolder, "stacks", String(port));
  const before = await readRecord(stackFolder);
  if (values.fresh) await forget(stackFolder);
  await makeFolder(stackFolder);

  const mcp = `http://localhost:${port}/mcp`;
  const ports = await freePorts(before?.ports ?? anyPorts);
  const services = await startServices({
    dataFolder,
    stackFolder,
    ports,
    domain: describeDomain(domain),
    serverUrl: mcp,
    clientDocuments: values.clientDocuments,
    log,
    refusalLog: serverLog,
  });
  let server: Pick<FunctionsHost, "close"> | undefined;
  try {
    const startedAt = Date.now();
    const start = async () => {
      const host = await startServer(options, services, mcp);
      try {
        await writeRecord(stackFolder, {
          processId: process.pid,
          serverProcessId: host.processId,
          startedAt,
          port,
          issuer: services.issuer,
          ports: services.ports,
        });
      } catch (error) {
        await host.close();
        throw error;
      }
      return host;
    };
    const ignored = ignoredSettings(serverEnvironment(services, mcp));
    if (ignored.length > 0) {
      log(`Not taken from the environment, since the stack sets them: ${ignored.join(", ")}`);
    }
    log("Starting the MCP server…");
    const host = await start();
    server = host;
    const { gateway } = readSettings(serverEnvironment(services, mcp), domain.settings).config;
    const summary = {
      mcp,
      gateway: gateway?.resource,
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

    if (source) {
      const restarting = restartingServer(host, { start, log });
      server = restarting;
      await source.watch(restarting.restart);
      log("The MCP server is rebuilt and restarted when its source changes.");
    }
    const died = await Promise.race([
      stopRequested(),
      services.died,
      ...(source ? [] : [host.exited.then(() => "MCP server")]),
    ]);
    if (died) throw new CommandError(`${died} ended unexpectedly; everything else is stopped too.`);
  } finally {
    await server?.close();
    await services.close();
  }
}

/** Says before the build what would stop the stack after it: it runs already, or its port is in use. */
async function reserveServerPort(port: number, dataFolder: string): Promise<ReservedPort> {
  try {
    return await reservePort("MCP server", port);
  } catch (error) {
    const running = await runningStackIn(join(dataFolder, "stacks", String(port)));
    if (!running) throw error;
    throw new CommandError(
      `This stack already runs at http://localhost:${port}/mcp (process ${running.processId}). Stop it with Ctrl-C where it was started, or choose another port with --port.`,
    );
  }
}

/** The server's environment: this one, but for what the stack has to set. */
function serverEnvironment(services: Services, mcp: string): NodeJS.ProcessEnv {
  const chosen = yours.filter((name) => process.env[name] !== undefined);
  return {
    ...process.env,
    ...notForTheLaptop,
    ...serverSettings(services, mcp, services.certificateAuthorities),
    ...Object.fromEntries(chosen.map((name) => [name, process.env[name]])),
  };
}

/** What the environment sets in vain. The certificates that it names are trusted beside the stack's. */
function ignoredSettings(server: NodeJS.ProcessEnv): readonly string[] {
  return Object.keys(server).filter(
    (name) =>
      name !== "NODE_EXTRA_CA_CERTS" &&
      !platformMarks.includes(name) &&
      process.env[name] !== undefined &&
      process.env[name] !== server[name],
  );
}

/** Starts the bundle over the services, and makes sure that it reaches all of them. */
async function startServer(
  { domain, folder, reserved, serverLog }: StackOptions,
  services: Services,
  mcp: string,
): Promise<FunctionsHost> {
  const env = serverEnvironment(services, mcp);
  // The same check that the server makes; here its message is the command's own.
  readSettings(env, domain.settings);
  await reserved.release();
  const { port } = reserved;
  const host = await startFunctionsHost({ appDirectory: folder, port, env, onLog: serverLog });
  try {
    const ready = await fetch(`${host.url}/health/ready`);
    if (ready.ok) return host;
    throw new CommandError(`The MCP server does not reach what it needs: ${await ready.text()}`);
  } catch (error) {
    await host.close();
    throw error;
  }
}
