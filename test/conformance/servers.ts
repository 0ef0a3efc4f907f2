import { join } from "node:path";
import { startFunctionsHost } from "../../local/functions-host/start.ts";
import { applicationFolder } from "../../local/paths.ts";
import { startServices } from "../../local/services.ts";
import { serverSettings } from "../../local/settings.ts";
import { anyPorts } from "../../local/stack-record.ts";
import { accessTokenOf } from "../support/shared-stack.ts";
import { startTokenProxy } from "./token-proxy.ts";

/** The application as it is deployed, and the same gates and server with the suite's fixtures. */
export const servers = ["application", "fixtures"] as const;

export type ServerName = (typeof servers)[number];

export interface ConformanceServer {
  /** Answers without credentials, since the proxy there adds those of a signed-in person. */
  readonly url: string;
  /** Of 127.0.0.1, past the proxy: answers under the name and port of `url` alone. */
  readonly port: number;
}

export interface ConformanceServers extends Readonly<Record<ServerName, ConformanceServer>> {
  close(): Promise<void>;
}

/**
 * Starts both servers on Functions hosts, over one laptop stack, each behind a proxy that adds the
 * access token of an ordinary account.
 *
 * @param folder keeps what the stack stores
 */
export async function startServers(folder: string): Promise<ConformanceServers> {
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    const ended = await Promise.allSettled(closing.map((end) => end()));
    const failed = ended.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  };
  try {
    const services = await startServices({
      dataFolder: folder,
      stackFolder: join(folder, "stack"),
      ports: anyPorts,
      log: () => undefined,
    });
    closing.push(() => services.close());
    const accessToken = await accessTokenOf(
      { authority: services.issuer },
      "user1@contoso.example",
    );
    const start = async (appDirectory: string): Promise<ConformanceServer> => {
      const proxy = await startTokenProxy(accessToken);
      closing.push(() => proxy.close());
      const url = `${proxy.url}/mcp`;
      const settings = serverSettings(services, url, services.certificateAuthorities);
      const host = await startFunctionsHost({
        appDirectory,
        port: 0,
        env: { ...process.env, ...settings },
        onLog: () => undefined,
      });
      closing.push(() => host.close());
      proxy.forwardTo(host.port);
      return { url, port: host.port };
    };
    return {
      application: await start(applicationFolder),
      fixtures: await start(join(import.meta.dirname, "fixture-server")),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
