import { once } from "node:events";
import { Server as HttpServer } from "node:http";
import { Server as HttpsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";

export interface Listening {
  /** Of this machine. */
  readonly port: number;
  close(): Promise<void>;
}

/** Has a server listen at a free port of this machine. */
export async function listen(server: Server, host = "127.0.0.1"): Promise<Listening> {
  server.listen(0, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      if (server instanceof HttpServer || server instanceof HttpsServer) {
        server.closeAllConnections();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
