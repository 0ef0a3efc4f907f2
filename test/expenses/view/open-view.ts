import { createHash } from "node:crypto";
import { join } from "node:path";
import { build } from "esbuild";
import type { Browser, FrameLocator, Page } from "playwright-core";
import { projectFolder } from "../../../local/paths.ts";
import { leaveOutLanguages } from "../../../scripts/left-out.ts";
import { buildPage } from "../../../scripts/page.ts";
import type { ToolResult } from "../../support/clients.ts";

/** What a server does, as far as a view can ask it. */
export interface ViewServer {
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<ToolResult>;
  readResource(uri: string): Promise<object>;
}

export interface ViewOptions {
  readonly server: ViewServer;
  /** Of the window, in CSS pixels. */
  readonly width?: number;
  readonly height?: number;
  /** What the host says of itself, beside light, English and UTC. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** Capabilities of the host, beside calling tools, reading resources and saving files. */
  readonly capabilities?: Readonly<Record<string, unknown>>;
  /** What the tool was asked that opens the view. */
  readonly asked?: Record<string, unknown>;
}

/** A view that is open in a host. */
export interface OpenView {
  readonly page: Page;
  readonly frame: FrameLocator;
  /** What must not be: violations of the policy, requests of the network, errors in the console. */
  readonly trouble: readonly string[];
  /** What the view had the host do. */
  readonly happened: readonly { readonly what: string; readonly detail: unknown }[];
  /** Evaluates a script within the view, as if it were its own but for the policy. */
  evaluate<Value>(script: string): Promise<Value>;
}

/** A host of MCP Apps, which shows one view at a time. */
export interface ViewHost {
  open(options: ViewOptions): Promise<OpenView>;
}

/** The file that hosts get. */
export const builtView = buildPage(
  join(projectFolder, "src", "expenses", "view", "index.html"),
).then(({ html }) => html);

const builtHost = build({
  entryPoints: [join(import.meta.dirname, "host", "main.ts")],
  bundle: true,
  write: false,
  platform: "browser",
  format: "esm",
  logLevel: "warning",
  plugins: [leaveOutLanguages],
}).then(({ outputFiles: [file] }) => file?.text ?? "");

/**
 * Stricter than what hosts have to have (MCP Apps specification, Host Behavior): no script and no style
 * but those in the file, by their digest, and nobody can make HTML of a text.
 */
function strictPolicy(html: string): string {
  const digests = (tag: string) =>
    [...html.matchAll(new RegExp(`<${tag}[^>]*>(.*?)</${tag}>`, "gs"))]
      .map(([, text = ""]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`)
      .join(" ");
  return [
    "default-src 'none'",
    `script-src ${digests("script")}`,
    `style-src ${digests("style")}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "trusted-types 'none'",
    "require-trusted-types-for 'script'",
  ].join("; ");
}

const origin = "http://localhost";

/** In a process of its own, a frame that has just changed its size misses clicks of tests. */
export const browserArguments = ["--disable-features=IsolateSandboxedIframes"];

/** Opens a host in a browser. Nothing that it or the view asks of the network is answered. */
export async function startHost(browser: Browser): Promise<ViewHost> {
  const [html, script] = await Promise.all([builtView, builtHost]);
  let server: ViewServer | undefined;
  let trouble: string[] = [];
  let happened: { what: string; detail: unknown }[] = [];
  const context = await browser.newContext();
  await context.route("**/*", async (route) => {
    const url = route.request().url();
    if (url === `${origin}/`) {
      const style = "body{margin:0}iframe{display:block;width:100%;height:600px;border:0}";
      const body = `<!doctype html><html lang="en"><title>Host</title><style>${style}</style><script type="module">${script}</script></html>`;
      return route.fulfill({ contentType: "text/html", body });
    }
    if (url === `${origin}/view.html`) {
      const headers = { "content-security-policy": strictPolicy(html) };
      return route.fulfill({ contentType: "text/html", headers, body: html });
    }
    if (!url.endsWith("/favicon.ico")) trouble.push(`request: ${url}`);
    return route.abort();
  });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.addInitScript(() => {
    // In the view too, before its own scripts. The console is what crosses the sandbox.
    const { document } = globalThis as unknown as { document: EventTarget };
    document.addEventListener("securitypolicyviolation", (event) => {
      const { violatedDirective, blockedURI } = event as Event & Record<string, string>;
      console.error(`violation of ${violatedDirective} by ${blockedURI}`);
    });
  });
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") trouble.push(message.text());
  });
  page.on("pageerror", (error) => trouble.push(String(error)));
  await page.exposeFunction("callTool", (call: never) => server?.callTool(call));
  await page.exposeFunction("readResource", (uri: string) => server?.readResource(uri));
  await page.exposeFunction("happened", (what: string, detail: unknown) => {
    happened.push({ what, detail });
  });
  await page.goto(`${origin}/`);

  return {
    async open({ width = 900, height = 900, context = {}, capabilities = {}, asked, ...options }) {
      ({ server } = options);
      trouble = [];
      happened = [];
      await page.setViewportSize({ width, height });
      const opening = {
        context: { theme: "light", locale: "en-US", timeZone: "UTC", ...context },
        capabilities: { serverTools: {}, serverResources: {}, downloadFile: {}, ...capabilities },
        ...(asked && { asked }),
      };
      await page.evaluate(`openView(${JSON.stringify(opening)})`);
      const frame = page.frameLocator("iframe");
      await frame.getByRole("heading", { level: 1 }).waitFor();
      return {
        page,
        frame,
        trouble,
        happened,
        async evaluate(script) {
          const own = page.frames().find((each) => each.url().endsWith("/view.html"));
          if (!own) throw new Error("The view is not there.");
          return own.evaluate(script);
        },
      };
    },
  };
}
