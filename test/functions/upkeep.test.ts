import { onTestFinished, test } from "vitest";
import { startFunctionsHost } from "../../local/functions-host/start.ts";
import { applicationFolder } from "../../local/paths.ts";
import { LogLines } from "../local/functions-host/log-lines.ts";
import { verifies } from "../requirements.ts";
import { sampleEnvironment } from "../support/sample-environment.ts";

test(verifies("upkeep.run", "the deployed timer runs it"), async () => {
  const log = new LogLines();
  const host = await startFunctionsHost({
    appDirectory: applicationFolder,
    port: 0,
    env: sampleEnvironment(),
    onLog: log.add,
  });
  onTestFinished(() => host.close());
  await fetch(`${host.url}/admin/functions/upkeep`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  await log.find(/"event":"upkeep\.done".*"invocationId":/);
}, 120_000);
