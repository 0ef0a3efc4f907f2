import { createServer, type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { reservePort } from "../../local/free-port.ts";
import { type FunctionsHost, startFunctionsHost } from "../../local/functions-host/start.ts";
import { listenOnLoopback, loopbackAddress } from "../../local/loopback.ts";
import { applicationFolder } from "../../local/paths.ts";
import { startServices } from "../../local/services.ts";
import { notForTheLaptop, serverSettings } from "../../local/settings.ts";
import { anyPorts } from "../../local/stack-record.ts";
import { temporaryFolder } from "./stack.ts";

/**
 * When the server that a request has reached is killed: at whatever it does then, or once it has
 * answered, which nobody sees.
 */
export type Kill = "meanwhile" | "after";

/** Two processes of the server over the stores of one laptop, behind a proxy that takes turns. */
export interface ServerPair extends AsyncDisposable {
  readonly mcp: URL;
  readonly gateway: URL;
  /** Of the gateway. */
  readonly issuer: string;
  /** How many requests each place of the two has answered. */
  readonly answered: readonly number[];
  /** Has the server killed that the next request to this path reaches, and starts another in its place. */
  killAt(path: string, kill: Kill): void;
  /** Resolves once both run again. */
  whole(): Promise<void>;
}

/** Starts two over the build that `npm test` has made. */
export async function startServerPair(): Promise<ServerPair> {
  await using parts = new AsyncDisposableStack();
  const folder = parts.use(await temporaryFolder());
  const { port, release } = await reservePort("the servers", 0);
  const mcp = new URL(`http://localhost:${port}/mcp`);
  const services = await startServices({
    dataFolder: folder.path,
    stackFolder: join(folder.path, "stack"),
    serverUrl: mcp.href,
    ports: anyPorts,
    log: () => {},
  });
  parts.defer(() => services.close());
  const start = () =>
    startFunctionsHost({
      appDirectory: applicationFolder,
      port: 0,
      env: {
        ...process.env,
        ...notForTheLaptop,
        ...serverSettings(services, mcp.href, services.certificateAuthorities),
      },
      onLog: () => {},
    });
  const places = await Promise.all([startPlace(start), startPlace(start)]);
  for (const place of places) parts.defer(() => place.close());

  let turn = 0;
  let next: { readonly path: string; readonly kill: Kill } | undefined;
  const proxy = createServer(async (asked, answer) => {
    turn += 1;
    const place = await anyOf(places, turn);
    const isDue = new URL(asked.url ?? "/", mcp).pathname === next?.path;
    const kill = isDue ? next?.kill : undefined;
    if (isDue) next = undefined;
    const passed = pass(asked, place.port());
    if (kill !== undefined) {
      const seen = passed.catch(() => {});
      if (kill === "after") await seen;
      place.kill();
      return void asked.socket.destroy();
    }
    try {
      const { status, headers, content } = await passed;
      place.answered += 1;
      answer.writeHead(status, headers).end(content);
    } catch {
      asked.socket.destroy();
    }
  });
  await release();
  const listening = await listenOnLoopback(proxy, { part: "proxy", port });
  parts.defer(async () => {
    proxy.closeAllConnections();
    await listening.close();
  });

  const running = parts.move();
  const issuer = new URL("/gateway", mcp).href;
  return {
    mcp,
    issuer,
    gateway: new URL(`${issuer}/mcp`),
    get answered() {
      return places.map(({ answered }) => answered);
    },
    killAt(path, kill) {
      next = { path, kill };
    },
    async whole() {
      await Promise.all(places.map((place) => place.whole()));
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

type Place = Awaited<ReturnType<typeof startPlace>>;

/** Whose turn it is, of those that run. */
async function anyOf(places: readonly Place[], turn: number): Promise<Place> {
  const running = places.filter((place) => place.isRunning());
  const place = running[turn % running.length];
  if (place) return place;
  await Promise.race(places.map((starting) => starting.whole()));
  return anyOf(places, turn);
}

/** One of the two, whichever process it is. */
async function startPlace(start: () => Promise<FunctionsHost>) {
  let host: FunctionsHost | undefined = await start();
  let starting = Promise.resolve(host);
  const place = {
    answered: 0,
    isRunning: () => host !== undefined,
    port: () => host?.port ?? 0,
    kill() {
      if (host?.processId !== undefined) process.kill(host.processId, "SIGKILL");
      host = undefined;
      starting = start().then((started) => {
        host = started;
        return started;
      });
    },
    whole: () => starting,
    async close() {
      await (await starting).close();
    },
  };
  return place;
}

/** Passes a request on as it is, with the host that it names. */
async function pass(asked: IncomingMessage, port: number) {
  const { method, url, headers } = asked;
  const body = await buffer(asked);
  const passed = request({ host: loopbackAddress, port, method, path: url, headers });
  const answering = new Promise<IncomingMessage>((resolve, reject) => {
    passed.once("response", resolve).once("error", reject);
  });
  passed.end(body);
  const answer = await answering;
  const content = await buffer(answer);
  const { "transfer-encoding": _pieces, connection: _connection, ...kept } = answer.headers;
  return {
    status: answer.statusCode ?? 502,
    headers: { ...kept, "content-length": content.length },
    content,
  };
}
