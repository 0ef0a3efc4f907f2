import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { applicationFolder } from "../../local/paths.ts";
import { load } from "../load.ts";
import { mcpRequest } from "../mcp.ts";
import type { Metric } from "../report.ts";
import { type ScenarioGroup, Tally } from "../scenario.ts";

const connections = 16;
/** 3,000 in all, unless the run is to be shorter or longer than usual. */
const requestsPerSecond = 1500;

/** What a fresh server's process holds after its first requests, and after thousands. */
export const memory: ScenarioGroup = {
  names: ["memory"],

  async measure(_names, { seconds }, startStack) {
    const stack = await startStack();
    return stack.withServer(applicationFolder, async (server) => {
      const token = await stack.token("user1");
      const requests = [
        mcpRequest("modern", token, { isExpected: ({ tools }) => tools !== undefined }),
        mcpRequest("legacy", token, {
          tool: "get_user_expenses",
          isExpected: ({ structuredContent }) => structuredContent !== undefined,
        }),
      ];
      const tally = new Tally();
      const metrics: Metric[] = [];
      for (const count of [connections, connections + Math.ceil(seconds * requestsPerSecond)]) {
        await load(server.origin, requests, { connections, requests: count }, tally);
        const resident = await residentMegabytes(server.processId);
        if (resident === undefined) continue;
        metrics.push({ name: `after ${tally.answers} requests`, unit: "MB", values: [resident] });
      }
      return [tally.measurement("memory", metrics)];
    });
  },
};

/**
 * The memory that a process holds (its resident set), in MB; nothing where this machine does not
 * tell it, such as Windows.
 */
async function residentMegabytes(processId: number | undefined): Promise<number | undefined> {
  try {
    if (process.platform === "linux") {
      const status = await readFile(`/proc/${processId}/status`, "utf8");
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
    }
    const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(processId)]);
    return Number(stdout) / 1024;
  } catch {
    return undefined;
  }
}
