import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { applicationFolder, projectFolder } from "../../local/paths.ts";
import { verifies } from "../requirements.ts";
import { sampleEnvironment } from "../support/sample-environment.ts";

it(verifies(
  "refusals.sums",
  "has what was counted written when the platform ends the process",
), async () => {
  const host = join(projectFolder, "local/functions-host/main.ts");
  const child = fork(host, ["--app", applicationFolder, "--port", "0"], {
    execArgv: [],
    silent: true,
    env: sampleEnvironment(),
  });
  if (!child.stdout || !child.stderr) throw new Error("The host has no output.");
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  // A port that the settings do not name: a foreign host.
  const url = `http://127.0.0.1:${port}/mcp`;
  for (let sent = 0; sent < 3; sent += 1) expect((await fetch(url)).status).toBe(403);
  child.disconnect();
  await once(child, "exit");
  const lines = (await output).join("\n").match(/.*foreign-host.*/g) ?? [];
  expect(lines.map((line) => /\bcount\W+(\d+)/.exec(line)?.[1])).toEqual([undefined, "2"]);
}, 120_000);
