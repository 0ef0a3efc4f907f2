import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { build } from "esbuild";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type FunctionsHost, startFunctionsHost } from "../../../local/functions-host/start.ts";
import { listenOnLoopback } from "../../../local/loopback.ts";
import { verifies } from "../../requirements.ts";
import { get, nextChunk, openRequest, responseTo } from "./client.ts";
import { LogLines } from "./log-lines.ts";
import { temporaryApp } from "./temporary-app.ts";

const fixture = join(import.meta.dirname, "fixtures/app");
const mainFile = join(import.meta.dirname, "../../../local/functions-host/main.ts");

const packageJson = JSON.stringify({ type: "module", main: "main.js" });
const hostJson = JSON.stringify({ version: "2.0", extensions: { http: { routePrefix: "" } } });
const library = `import { app } from "@azure/functions";\n`;
const setup = `${library} app.setup({ enableHttpStream: true });\n`;
const anApp = `app.get("f", () => ({}));\n`;

/** An app of one entry file. */
function appOf(mainText: string): Promise<string> {
  return temporaryApp({ "package.json": packageJson, "host.json": hostJson, "main.js": mainText });
}

async function start(
  appDirectory: string,
  { log = new LogLines(), port = 0, env = process.env } = {},
): Promise<FunctionsHost> {
  const host = await startFunctionsHost({ appDirectory, port, env, onLog: log.add });
  onTestFinished(() => host.close());
  return host;
}

async function failureOf(appDirectory: string, options?: Parameters<typeof start>[1]) {
  const outcome = await start(appDirectory, options).catch((reason: unknown) => reason);
  expect(outcome).toBeInstanceOf(Error);
  return outcome instanceof Error ? outcome.message : "";
}

it(verifies("functions-host.timeout", "restarts its worker at functionTimeout"), async () => {
  const log = new LogLines();
  const directory = await temporaryApp({
    "package.json": packageJson,
    "host.json": JSON.stringify({ ...JSON.parse(hostJson), functionTimeout: "00:00:01" }),
    "main.js": `${setup} app.get("f", () => ({ body: String(process.pid) }));
      app.get("slow", () => new Promise(() => {}));`,
  });
  const { url } = await start(directory, {
    log,
    env: { ...process.env, AzureWebJobsDisableHomepage: "true" },
  });
  const before = (await get(`${url}/f`)).body;
  await expect(get(`${url}/slow`)).rejects.toThrow();
  await log.find(/functionTimeout/);
  const after = await vi.waitFor(() => get(`${url}/f`), { timeout: 20_000, interval: 100 });
  expect(after).toMatchObject({ status: 200, body: expect.not.stringMatching(before) });
  // And the page at the root is off.
  expect(await get(`${url}/`)).toMatchObject({ status: 204, body: "" });
});

describe("the host runs", () => {
  it(verifies("functions-host.unmodified", "a bundle in a folder of its own"), async () => {
    const bundle = await build({
      entryPoints: [join(fixture, "main.ts")],
      bundle: true,
      platform: "node",
      format: "esm",
      external: ["@azure/functions-core"],
      banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      },
      write: false,
    });
    const directory = await temporaryApp(
      {
        "package.json": JSON.stringify({ main: "main.mjs" }),
        "host.json": hostJson,
        "main.mjs": bundle.outputFiles[0]?.text ?? "",
      },
      { hasModules: false },
    );
    const { url } = await start(directory);
    const response = await fetch(`${url}/echo`, { method: "POST", body: "bundled" });
    expect([response.status, await response.text()]).toEqual([201, "bundled"]);
  });

  it(verifies("functions-host.environment", "an app in the environment it is given"), async () => {
    const directory = await appOf(`${setup}
      const { GREETING, AZURE_FUNCTIONS_ENVIRONMENT } = process.env;
      app.get("environment", () => ({ jsonBody: { GREETING, AZURE_FUNCTIONS_ENVIRONMENT } }));
    `);
    const env = { ...process.env, GREETING: "hello", AZURE_FUNCTIONS_ENVIRONMENT: "Staging" };
    const { url } = await start(directory, { env });
    expect(JSON.parse((await get(`${url}/environment`)).body)).toEqual({
      GREETING: "hello",
      AZURE_FUNCTIONS_ENVIRONMENT: "Staging",
    });
  });
});

describe("the start fails", () => {
  const withoutHost = { "package.json": packageJson, "main.js": "" };
  const withoutMain = { "package.json": packageJson, "host.json": hostJson };
  const buildFirst = /There is no "main\.js", which package\.json names .* Build the app first/;

  it.each([
    ["package.json is missing", { "host.json": hostJson }, /package\.json is missing/],
    ["host.json is missing", withoutHost, /host\.json is missing/],
    ["host.json is broken", { ...withoutHost, "host.json": "{" }, /host\.json is not valid JSON/],
    ["there is no main", { "package.json": "{}", "host.json": hostJson }, /has no "main"/],
    ["the entry file is missing", withoutMain, buildFirst],
  ])(verifies("functions-host.start-failure", "when %s"), async (_case, files, message) => {
    expect(await failureOf(await temporaryApp(files))).toMatch(message);
  });

  it.each([
    [
      "throws",
      `throw new Error("SETTING_A is missing");`,
      /entry file main\.js failed: SETTING_A is missing\n\s+at .*main\.js:1:/,
    ],
    ["has a syntax error", "const = 1;", /entry file main\.js failed: Unexpected token/],
    [
      "imports what is not there",
      `import "missing-package";`,
      /entry file main\.js failed: Cannot find package 'missing-package'/,
    ],
    ["registers nothing", setup, /main\.js registered no HTTP function/],
    [
      "registers other triggers alone",
      `${setup} app.timer("t", { schedule: "* * * * * *", handler() {} });`,
      /registered no HTTP function/,
    ],
    ["has HTTP streams off", library + anApp, /app\.setup\({ enableHttpStream: true }\)/],
    ["registers a name twice", setup + anApp + anApp, /"f" has already been registered/],
    [
      "has a hook that this host does not run",
      `${setup} ${anApp} app.hook.appStart(() => {});`,
      /This host runs no hooks "appStart"/,
    ],
    ["ends the process", "process.exit(7);", /ended before it was ready \(exit code 7\)/],
  ])(verifies("functions-host.start-failure", "when the app %s"), async (_case, main, message) => {
    expect(await failureOf(await appOf(main))).toMatch(message);
  });

  it(verifies("functions-host.start-failure", "when the port is in use"), async () => {
    const { port, close } = await listenOnLoopback(createServer(), { part: "Test", port: 0 });
    onTestFinished(close);
    expect(await failureOf(fixture, { port })).toBe(
      `The Functions host: port ${port} is in use. Stop the program that uses it, or choose another port.`,
    );
  });

  it.each([
    ["--port", "70000", '--port must be a number from 0 to 65535, not "70000".\n'],
    ["--prot", "7071", expect.stringMatching(/^Unknown option '--prot'.*\n$/)],
  ])(
    verifies("functions-host.start-failure", "in one line: %s %s"),
    async (option, value, message) => {
      const child = spawn(process.execPath, [mainFile, option, value]);
      const [errors, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
      expect({ code, errors }).toEqual({ code: 1, errors: message });
    },
  );
});

describe("the host ends", () => {
  it(verifies("functions-host.end", "with the process that started it"), async () => {
    const child = fork(mainFile, ["--app", fixture, "--port", "0"], { execArgv: [], silent: true });
    const output = child.stdout ? text(child.stdout) : "";
    const [message] = await once(child, "message");
    expect(message).toEqual({ kind: "ready", port: expect.any(Number) });
    const exit = once(child, "exit");
    child.disconnect();
    expect(await exit).toEqual([0, null]);
    expect(await output).toContain("the appTerminate hook ran");
  });

  it(verifies("functions-host.end", "when it is signalled"), async ({ skip }) => {
    skip(process.platform === "win32", "Windows knows no signals that a process could handle");
    const child = fork(mainFile, ["--app", fixture, "--port", "0"], { execArgv: [], silent: true });
    await once(child, "message");
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    child.kill("SIGINT");
    expect(await exit).toEqual([0, null]);
  });

  it(verifies(["functions-host.end", "functions-host.hooks"], "after its requests"), async () => {
    const log = new LogLines();
    const host = await start(fixture, { log });
    const request = openRequest(`${host.url}/api/echo`, {
      method: "POST",
      rawHeaders: ["Transfer-Encoding", "chunked"],
    });
    request.write("first");
    const response = await responseTo(request);
    expect(await nextChunk(response)).toBe("first");
    const closed = host.close();
    await log.find(/Stopping when the running requests \(1\) end/);
    request.end("last");
    expect(await text(response)).toBe("last");
    await closed;
    expect(await host.exited).toEqual({ code: 0, signal: null });
    expect(log.all.at(-1)).toBe("the appTerminate hook ran");
    await expect(fetch(host.url)).rejects.toThrow();
  });

  it(verifies("functions-host.end", "although a request does not"), async () => {
    const log = new LogLines();
    const host = await start(fixture, { log });
    const request = openRequest(`${host.url}/api/drip`);
    request.end();
    const response = await responseTo(request);
    response.on("error", () => {});
    expect(await nextChunk(response)).toBe("begun");
    await host.close();
    expect(await host.exited).toEqual({ code: 0, signal: null });
    await log.find(/Gave up waiting for running requests \(1\)/);
  });

  it(verifies("functions-host.end", "when the app ends it, and says how"), async () => {
    const directory = await appOf(`${setup} app.get("exit", () => process.exit(3));`);
    const host = await start(directory);
    await expect(fetch(`${host.url}/exit`)).rejects.toThrow();
    expect(await host.exited).toEqual({ code: 3, signal: null });
    await host.close();
  });
});
