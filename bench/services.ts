/**
 * The laptop stack without the server, in a thread of its own: what stands in for Azure would
 * otherwise take its time from the thread that measures. Any message ends it.
 */
import { once } from "node:events";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { startServices } from "../local/services.ts";
import { anyPorts } from "../local/stack-record.ts";

if (!parentPort) throw new Error("This is the file of a worker thread.");
const { folder, serverUrl }: { folder: string; serverUrl: string } = workerData;
const services = await startServices({
  dataFolder: folder,
  stackFolder: join(folder, "stack"),
  serverUrl,
  ports: anyPorts,
  log: () => {},
});
// As JSON: what is no endpoint falls away.
parentPort.postMessage(JSON.stringify(services));
await once(parentPort, "message");
await services.close();
