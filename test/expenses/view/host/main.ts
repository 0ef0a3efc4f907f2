/**
 * A host of MCP Apps, as a page: shows the view in a sandboxed frame, with the `AppBridge` that hosts
 * use. What it asks of the server goes to the test, which answers it or passes it on.
 */

import type { CallToolResult, ReadResourceResult } from "@modelcontextprotocol/client";
import {
  AppBridge,
  type McpUiHostCapabilities,
  type McpUiHostContext,
  PostMessageTransport,
} from "@modelcontextprotocol/ext-apps/app-bridge";

export interface Opening {
  readonly context: McpUiHostContext;
  readonly capabilities: McpUiHostCapabilities;
  /** What the tool was asked that opens the view. */
  readonly asked?: Record<string, unknown>;
}

declare global {
  interface Window {
    // The test's.
    callTool(call: { name: string; arguments?: unknown }): Promise<CallToolResult>;
    readResource(uri: string): Promise<ReadResourceResult>;
    happened(what: string, detail: unknown): Promise<void>;
    // For the test.
    openView(opening: Opening): Promise<void>;
    changeContext(context: McpUiHostContext): void;
  }
}

let bridge: AppBridge | undefined;

window.openView = async ({ context, capabilities, asked }) => {
  document.querySelector("iframe")?.remove();
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  document.body.append(frame);
  if (!frame.contentWindow) throw new Error("The frame has no window.");
  const host = new AppBridge(null, { name: "Test host", version: "1" }, capabilities, {
    hostContext: context,
  });
  bridge = host;
  host.oncalltool = ({ name, arguments: given }) => window.callTool({ name, arguments: given });
  host.onreadresource = ({ uri }) => window.readResource(uri);
  host.ondownloadfile = async ({ contents }) => {
    await window.happened("download", contents);
    return {};
  };
  host.onupdatemodelcontext = async ({ content }) => {
    await window.happened("model context", content);
    return {};
  };
  host.addEventListener("sizechange", ({ height }) => {
    if (height) frame.style.height = `${height}px`;
  });
  const initialized = new Promise<void>((resolve) => {
    host.addEventListener("initialized", () => resolve());
  });
  await host.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
  frame.src = "/view.html";
  await initialized;
  if (asked) await host.sendToolInput({ arguments: asked });
};

window.changeContext = (context) => bridge?.setHostContext(context);
