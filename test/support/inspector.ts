import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { reservePort } from "../../local/free-port.ts";
import { projectFolder } from "../../local/paths.ts";

/** What `npx @modelcontextprotocol/inspector` runs. */
export const inspectorProgram = join(
  createRequire(import.meta.url).resolve("@modelcontextprotocol/inspector/package.json"),
  "../clients/launcher/build/index.js",
);

/** The Inspector as a web server, which ends with the variable that holds it. */
export interface InspectorServer extends AsyncDisposable {
  /** With the token that its page needs. */
  readonly url: URL;
}

/**
 * Starts the Inspector's web page by the README's command, for the server at `mcp`.
 *
 * @param home the folder that it takes for the person's home, and writes to
 */
export async function startInspector(mcp: string, home: string): Promise<InspectorServer> {
  const readme = await readFile(join(projectFolder, "README.md"), "utf8");
  const [, command = ""] =
    /^npx @modelcontextprotocol\/inspector (--server-url .+)$/m.exec(readme) ?? [];
  const args = command.replace("http://localhost:7071/mcp", mcp).split(" ");
  const reserved = await reservePort("Inspector", 0);
  await reserved.release();
  const child = spawn(process.execPath, [inspectorProgram, ...args], {
    cwd: home,
    env: {
      ...process.env,
      HOME: home,
      USERPROFILE: home,
      CLIENT_PORT: String(reserved.port),
      MCP_SANDBOX_PORT: "0",
      MCP_AUTO_OPEN_ENABLED: "false",
      MCP_INSPECTOR_SECRET_STORE: "memory",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  let output = "";
  const url = await new Promise<URL>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        const [found] = /http:\S+\?MCP_INSPECTOR_API_TOKEN=\w+/.exec(output) ?? [];
        if (found) resolve(new URL(found));
      });
    }
    child.once("exit", () => reject(new Error(`The Inspector has ended:\n${output}`)));
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill();
      await exited;
    },
  };
}

/** Opens the Inspector's page and connects, which leads to the sign-in page. */
export async function openSignInPage(browser: Browser, { url }: InspectorServer): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 780 } });
  // Its stylesheet asks for a font on the internet.
  await page.route(
    ({ hostname }) => !["localhost", "127.0.0.1"].includes(hostname),
    (route) => route.abort(),
  );
  await page.goto(url.href);
  const connect = page.getByRole("switch");
  await connect.waitFor({ state: "attached" });
  // A click that comes before the page knows its server is lost.
  for (let isConnecting = false; !isConnecting; ) {
    const connecting = page.waitForRequest(/\/api\/storage\/oauth/, { timeout: 3_000 });
    await connect.dispatchEvent("click");
    isConnecting = await connecting.then(
      () => true,
      () => false,
    );
  }
  await page.waitForURL(/\/authorize\?/);
  return page;
}

/** Chooses an account on the sign-in page, and shows the tools. */
export async function signInToTools(page: Page, username: string): Promise<void> {
  await page.getByRole("button", { name: username }).click();
  await page.getByLabel("Disconnect from server").waitFor();
  await page.getByLabel("Close monitoring sidebar").click();
  await page.getByText("Tools", { exact: true }).click();
}

/** Calls a tool; values of enumerations are chosen from their list. */
export async function callInPage(
  page: Page,
  tool: string,
  values: Readonly<Record<string, string>> = {},
): Promise<void> {
  await page.getByText(tool, { exact: true }).click();
  for (const [name, value] of Object.entries(values)) {
    const field = page.getByRole("textbox", { name, exact: true });
    if ((await field.getAttribute("aria-haspopup")) === "listbox") {
      await field.click();
      await page.getByRole("option", { name: value, exact: true }).click();
    } else await field.fill(value);
  }
  await page.getByRole("button", { name: "Execute Tool" }).click();
}
