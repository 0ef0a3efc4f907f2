import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { apiIdentifierUri, apiScope, tenantId } from "../local/directory.ts";
import { reservePort } from "../local/free-port.ts";
import { startFunctionsHost } from "../local/functions-host/start.ts";
import type { Services } from "../local/services.ts";
import { notForTheLaptop, serverSettings } from "../local/settings.ts";
import { signIn } from "../local/sign-in.ts";
import type { Answer, CheckedRequest } from "./mcp.ts";

/** A build of the server on the local Functions host, in a process of its own. */
export interface BenchedServer {
  /** Without a slash at the end. */
  readonly origin: string;
  readonly processId: number | undefined;
  /** Its MCP URL, as clients are given it. */
  readonly mcp: string;
  /** Rejects where the connection fails. */
  send(request: CheckedRequest): Promise<Answer>;
}

export interface Stack extends AsyncDisposable {
  /**
   * Starts a server, and ends it when `use` is done with it.
   *
   * @param build its folder
   */
  withServer<Value>(build: string, use: (server: BenchedServer) => Promise<Value>): Promise<Value>;
  /** An access token of a local account, by the first part of its name. */
  token(account: "user1" | "user2" | "admin"): Promise<string>;
  /** The authority's URL for MSAL, and the file with who signed its certificate. */
  readonly entra: { readonly authority: string; readonly certificateAuthorities: string };
}

const environment = {
  ...process.env,
  ...notForTheLaptop,
  NO_PROXY: "localhost,127.0.0.1",
};

/** What is measured is the server, not how much of it one caller is granted. 0 lifts a limit. */
const liftedLimits = {
  RATE_LIMIT_PER_CALLER: "0",
  RATE_LIMIT_PER_ADDRESS: "0",
  HTTP_CONCURRENCY: "1000",
};

/** @throws {Error} saying which part cannot be started */
export async function startStack(): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  // One for all servers, of which there is one at a time: the registration lists its URL.
  const reserved = await reservePort("MCP server", 0);
  let release: (() => Promise<void>) | undefined = reserved.release;
  const { port } = reserved;
  const mcp = `http://localhost:${port}/mcp`;
  const worker = new Worker(join(import.meta.dirname, "services.ts"), {
    workerData: { folder, serverUrl: mcp },
  });
  const [message] = await once(worker, "message");
  const services: Services = JSON.parse(message);

  return {
    async withServer(appDirectory, use) {
      const settings = serverSettings(services, mcp, services.certificateAuthorities);
      await release?.();
      release = undefined;
      const host = await startFunctionsHost({
        appDirectory,
        port,
        env: { ...environment, ...settings, ...liftedLimits },
        onLog: () => {},
      });
      // By its number: nothing that is measured should look a name up.
      const origin = `http://127.0.0.1:${port}`;
      const server: BenchedServer = {
        origin,
        mcp,
        processId: host.processId,
        async send({ path, method, headers, body }) {
          const response = await fetch(`${origin}${path}`, { method, headers, body });
          return { status: response.status, body: await response.text() };
        },
      };
      try {
        return await use(server);
      } finally {
        await host.close();
      }
    },
    async token(account) {
      const { accessToken } = await signIn({
        issuer: services.issuer,
        username: `${account}@contoso.example`,
        scope: `${apiIdentifierUri}/${apiScope}`,
        clientName: "npm run bench",
      });
      return accessToken;
    },
    entra: {
      authority: `${services.authorityHost}/${tenantId}`,
      certificateAuthorities: services.certificateAuthorities,
    },
    async [Symbol.asyncDispose]() {
      await release?.();
      worker.postMessage("end");
      await once(worker, "exit");
      await rm(folder, { recursive: true, force: true });
    },
  };
}
