/**
 * The laptop stack without the server, in a process of its own: what stands in for Azure would
 * otherwise take its time from whoever measures. Ends with its parent.
 */
import { join } from "node:path";
import { startServices } from "../../local/services.ts";
import { anyPorts } from "../../local/stack-record.ts";
import { stopRequested } from "../../local/stop.ts";
import type { ServicesMessage } from "./messages.ts";

const tell = (message: ServicesMessage) => process.send?.(message);
const [dataFolder = ""] = process.argv.slice(2);

try {
  const services = await startServices({
    dataFolder,
    stackFolder: join(dataFolder, "stack"),
    ports: anyPorts,
    log: () => {},
  });
  const { issuer, authorityHost, managedIdentity, graph, cosmos, storage } = services;
  const { endpoint, header } = managedIdentity;
  tell({
    kind: "ready",
    endpoints: {
      issuer,
      authorityHost,
      managedIdentity: { endpoint, header },
      graph,
      cosmos,
      storage,
    },
    certificateAuthorities: services.certificateAuthorities,
  });
  await Promise.race([stopRequested(), services.died]);
  await services.close();
} catch (error) {
  tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
}
if (process.connected) process.disconnect();
