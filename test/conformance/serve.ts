/**
 * Keeps the servers of the conformance test running, for the suite to be run by hand:
 *
 *     npm run build
 *     npx node test/conformance/serve.ts
 */
import { stopRequested } from "../../local/stop.ts";
import { temporaryFolder } from "../support/stack.ts";
import { servers, startServers } from "./servers.ts";

await using folder = await temporaryFolder();
const running = await startServers(folder.path);
for (const server of servers) console.log(`${server}: ${running[server].url}`);
await stopRequested();
await running.close();
