import { fork } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reservePort } from "../../local/free-port.ts";
import type { HostMessage } from "../../local/functions-host/messages.ts";
import { applicationFolder, projectFolder } from "../../local/paths.ts";
import { type Services, startServices } from "../../local/services.ts";
import { serverSettings } from "../../local/settings.ts";
import { anyPorts } from "../../local/stack-record.ts";
import { verifies } from "../requirements.ts";
import { clientKinds, textOf } from "../support/clients.ts";
import { sample } from "../support/domains.ts";
import { connectSigningIn, createSigningInProvider } from "../support/person.ts";
import { temporaryFolder } from "../support/stack.ts";
import { filesOfPackage, packagedFolder } from "./azd-package.ts";
import { type PlatformNode, platformNodes } from "./platform-nodes.ts";

/** The deployment package, unpacked into a folder that was empty. */
async function unpackedPackage() {
  const folder = await temporaryFolder();
  const source = await packagedFolder();
  for (const path of await filesOfPackage(source)) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await copyFile(join(source, path), join(folder.path, path));
  }
  return folder;
}

describe("the deployment package", () => {
  it(
    verifies(
      ["package.contents", "deploy.contents"],
      "holds what the build makes, and nothing else",
    ),
    async () => {
      expect(await packagedFolder()).toBe(applicationFolder);
      const files = await filesOfPackage(applicationFolder);
      const parts = files.filter((file) => /^parts\/[\w.-]+\.mjs(?:\.LEGAL\.txt)?$/.test(file));
      expect(files.filter((file) => !parts.includes(file))).toEqual([
        "host.json",
        "main.mjs",
        "main.mjs.LEGAL.txt",
        "package.json",
      ]);
      expect(parts.length).toBeGreaterThan(3);
    },
  );

  it(verifies("package.contents", "is chosen by azd's rules"), async () => {
    await using folder = await temporaryFolder();
    const at = (path: string) => join(folder.path, path);
    const paths = [
      ".azure/dev/.env",
      "lib/.azure/dev/.env",
      "lib/local.settings.json",
      "lib/module.js",
      "local.settings.json",
      "node_modules/one/index.js",
    ];
    for (const path of paths) {
      await mkdir(dirname(at(path)), { recursive: true });
      await writeFile(at(path), "");
    }
    await symlink(at("lib"), at("linked"), "junction");
    expect(await filesOfPackage(folder.path)).toEqual([
      "lib/module.js",
      "linked/module.js",
      "node_modules/one/index.js",
    ]);
    await writeFile(at(".funcignore"), "lib");
    await expect(filesOfPackage(folder.path)).rejects.toThrow(".funcignore");
  });
});

/** Runs the package on a Node of its own, in its folder, as the platform's worker does. */
async function startPackage(node: PlatformNode, app: string, port: number, env: NodeJS.ProcessEnv) {
  const child = fork(
    join(projectFolder, "local", "functions-host", "main.ts"),
    ["--app", app, "--port", String(port)],
    {
      cwd: app,
      env,
      execPath: node.path,
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    },
  );
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const exited = once(child, "exit");
  const [message] = (await Promise.race([once(child, "message"), exited])) as [HostMessage | null];
  if (typeof message !== "object" || message?.kind !== "ready") {
    throw new Error(`The package did not start on Node ${node.version}:\n${errors}`);
  }
  return {
    async [Symbol.asyncDispose]() {
      child.disconnect();
      await exited;
    },
  };
}

describe.each(await platformNodes())("the deployment package on Node $version", (node) => {
  let data: Awaited<ReturnType<typeof temporaryFolder>>;
  let app: Awaited<ReturnType<typeof temporaryFolder>>;
  let services: Services;
  let host: AsyncDisposable;
  let mcp: URL;

  beforeAll(async () => {
    data = await temporaryFolder();
    app = await unpackedPackage();
    const { port, release } = await reservePort("MCP server", 0);
    mcp = new URL(`http://localhost:${port}/mcp`);
    services = await startServices({
      dataFolder: data.path,
      stackFolder: join(data.path, "stack"),
      ports: anyPorts,
      serverUrl: mcp.href,
      log: () => {},
    });
    await release();
    host = await startPackage(node, app.path, port, {
      ...process.env,
      ...serverSettings(services, mcp.href, services.certificateAuthorities),
    });
  });

  afterAll(async () => {
    await host?.[Symbol.asyncDispose]();
    await services?.close();
    await app?.[Symbol.asyncDispose]();
    await data?.[Symbol.asyncDispose]();
  });

  it(verifies("package.serves", "has nothing around it that it could load"), async () => {
    const manifest = JSON.parse(await readFile(join(app.path, "package.json"), "utf8"));
    expect(manifest).not.toHaveProperty("dependencies");
    const above: string[] = [];
    for (let at = app.path; at !== dirname(at); at = dirname(at)) above.push(at);
    const modules = above.map((folder) =>
      readFile(join(folder, "node_modules", ".package-lock.json")),
    );
    expect(app.path.startsWith(projectFolder)).toBe(false);
    expect((await Promise.allSettled(modules)).map(({ status }) => status)).toEqual(
      above.map(() => "rejected"),
    );
  });

  it.each(clientKinds)(
    verifies(
      ["package.serves", "deploy.starts-alone"],
      "signs in a client of the kind %s, and calls tools for it",
    ),
    async (kind) => {
      const memory = createSigningInProvider("user1@contoso.example");
      const client = await connectSigningIn(kind, mcp, memory);
      const details = await client.callTool({ name: "get_user_details", arguments: {} });
      expect(textOf(details)).toContain("Uma First");
      const text = `Lunch of a ${kind} client`;
      expect((await client.callTool(sample.store(text))).isError).not.toBe(true);
      expect(textOf(await client.callTool(sample.list))).toContain(text);
      await client.close();
    },
  );
});
