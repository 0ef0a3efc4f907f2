import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { listen } from "../support/listen.ts";
import { runNode } from "../support/run-program.ts";
import { commandLine } from "./suite.ts";

export interface AuthorizationRun {
  readonly exitCode: number | null;
  /** Everything the suite said, for whoever reads a failure. */
  readonly output: string;
  /** `scenario:check STATUS`, in the order of the scenarios' names. */
  readonly checks: readonly string[];
  /** Where the suite sent its person to. */
  readonly opened: URL | undefined;
}

export interface AuthorizationRunOptions {
  readonly issuer: string;
  /** Of a public client that may have its answer at `http://127.0.0.1:PORT/callback`. */
  readonly clientId: string;
  readonly resource: string;
  readonly specVersion: string;
  /** Nothing else may be in it. */
  readonly outputFolder: string;
  /** Does what a person does with a URL, until their browser has been back at the client. */
  readonly open: (url: URL) => Promise<void>;
}

/** The scenarios for authorization servers that the suite has, and the versions that it knows. */
export async function authorizationScenarios(): Promise<ReadonlyMap<string, readonly string[]>> {
  const { stdout } = await runNode(commandLine, ["list", "--authorization"]);
  const lines = stdout.matchAll(/^ {2}- (\S+) \[(.*)\]$/gm);
  return new Map([...lines].map(([, name = "", versions = ""]) => [name, versions.split(",")]));
}

/**
 * Runs the suite's scenarios for authorization servers. It prints a URL for a person to open, and waits at
 * a port of its own until their browser comes back with the answer.
 */
export async function runAuthorizationSuite(
  options: AuthorizationRunOptions,
): Promise<AuthorizationRun> {
  const { issuer, clientId, resource, specVersion, outputFolder, open } = options;
  const child = spawn(
    process.execPath,
    [
      ...[commandLine, "authorization", "--url", issuer, "--client-id", clientId],
      ...["--resource", resource, "--spec-version", specVersion],
      ...["--port", String(await freePort()), "--output-dir", outputFolder],
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  let opened: URL | undefined;
  let visit: Promise<void> | undefined;
  const read = (text: string) => {
    output += text;
    const [url] = /^https?:\S+authorize\?\S+(?=\n)/m.exec(output) ?? [];
    if (url === undefined || opened) return;
    opened = new URL(url);
    // Without an answer the suite would wait for minutes.
    visit = open(opened).catch((error: unknown) => {
      output += `\nNobody came back: ${error}`;
      child.kill();
    });
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", read);
  const [exitCode]: (number | null)[] = await once(child, "close");
  await visit;
  return { exitCode: exitCode ?? null, output, checks: await checksIn(outputFolder), opened };
}

/** The suite takes no 0 for a port that is free. */
async function freePort(): Promise<number> {
  const { port, close } = await listen(createServer());
  await close();
  return port;
}

async function checksIn(outputFolder: string): Promise<string[]> {
  const folders = (await readdir(outputFolder)).sort();
  const checks = folders.map(async (folder) => {
    const scenario = folder.replace(/^authorization-server-(.*)-\d{4}-\d{2}-\d{2}T.*$/, "$1");
    const text = await readFile(join(outputFolder, folder, "checks.json"), "utf8");
    const found: { id: string; status: string }[] = JSON.parse(text);
    return found.map(({ id, status }) => `${scenario}:${id} ${status}`);
  });
  return (await Promise.all(checks)).flat();
}
