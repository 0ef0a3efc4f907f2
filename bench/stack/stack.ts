import { fork } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apiIdentifierUri, apiScope } from "../../local/directory.ts";
import { reservePort } from "../../local/free-port.ts";
import { startFunctionsHost } from "../../local/functions-host/start.ts";
import { applicationFolder } from "../../local/paths.ts";
import { serverSettings } from "../../local/settings.ts";
import { signIn } from "../../local/sign-in.ts";
import type { ServicesMessage } from "./messages.ts";

/** The built server on the local Functions host, in a process of its own. */
export interface BenchedServer extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly origin: string;
  readonly processId: number | undefined;
}

export interface Stack extends AsyncDisposable {
  startServer(): Promise<BenchedServer>;
  /** An access token of a local account. */
  token(username: string): Promise<string>;
}

/** What a shell may still hold from work with Azure, and would change who the server is here. */
const notForTheLaptop = {
  ENTRA_CLIENT_SECRET: undefined,
  WEBSITE_HOSTNAME: undefined,
  WEBSITE_INSTANCE_ID: undefined,
};

/** What is measured is the server, not how much of it one caller is granted. 0 lifts a limit. */
const liftedLimits = { RATE_LIMIT_PER_CALLER: "0", RATE_LIMIT_PER_ADDRESS: "0" };

/** @throws {Error} saying which part cannot be started */
export async function startStack(): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  const child = fork(join(import.meta.dirname, "services-process.ts"), [folder], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const end = async () => {
    if (child.connected) child.disconnect();
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  const message = await Promise.race([
    new Promise<ServicesMessage>((resolve) => {
      child.once("message", (told) => resolve(told as ServicesMessage));
    }),
    exited.then((): ServicesMessage => ({ kind: "failed", message: "The stack did not start." })),
  ]);
  if (message.kind === "failed") {
    await end();
    throw new Error(message.message);
  }
  const { endpoints, certificateAuthorities } = message;
  const tokens = new Map<string, Promise<string>>();

  return {
    async startServer() {
      const { port, release } = await reservePort("MCP server", 0);
      const mcp = `http://localhost:${port}/mcp`;
      const env = {
        ...process.env,
        ...notForTheLaptop,
        ...serverSettings(endpoints, mcp, certificateAuthorities),
        ...liftedLimits,
        NO_PROXY: "localhost,127.0.0.1",
      };
      await release();
      const host = await startFunctionsHost({
        appDirectory: applicationFolder,
        port,
        env,
        onLog: () => {},
      });
      return {
        // By its number: nothing that is measured should look a name up.
        origin: `http://127.0.0.1:${port}`,
        processId: host.processId,
        [Symbol.asyncDispose]: () => host.close(),
      };
    },
    token(username) {
      const known = tokens.get(username);
      if (known !== undefined) return known;
      const signedIn = signIn({
        issuer: endpoints.issuer,
        username,
        scope: `${apiIdentifierUri}/${apiScope}`,
        clientName: "npm run bench",
      }).then(({ accessToken }) => accessToken);
      tokens.set(username, signedIn);
      return signedIn;
    },
    [Symbol.asyncDispose]: end,
  };
}
