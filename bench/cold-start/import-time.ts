import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { serverSettings } from "../../local/settings.ts";

const run = promisify(execFile);

/** Nothing is asked of them while modules are loaded. */
const nowhere = serverSettings(
  {
    issuer: "http://localhost:1/tenant/v2.0",
    authorityHost: "https://localhost:1",
    managedIdentity: { endpoint: "http://127.0.0.1:1", header: "none" },
    graph: "http://localhost:1",
    cosmos: "https://localhost:1",
    storage: "https://localhost:1",
  },
  "http://localhost:7071/mcp",
  "",
);

/**
 * How long importing `file` takes in a fresh process, in milliseconds.
 *
 * @param environment beside the server's settings
 * @throws {Error} where it cannot be imported
 */
export async function importTime(
  file: string,
  environment: NodeJS.ProcessEnv = {},
): Promise<number> {
  const { stdout } = await run(
    process.execPath,
    [join(import.meta.dirname, "import-probe.ts"), file],
    {
      env: { ...process.env, ...nowhere, NODE_EXTRA_CA_CERTS: undefined, ...environment },
    },
  );
  const milliseconds = Number(stdout.trim().split("\n").at(-1));
  if (!(milliseconds > 0)) throw new Error(`${file} told no time: ${stdout}`);
  return milliseconds;
}
