import { success } from "../core/result.ts";
import { defineResource } from "../mcp/define-resource.ts";
import type { DefinedResource } from "../mcp/offer.ts";
import { everyone } from "../mcp/policy.ts";

const uri = "ui://expenses/view.html";

/** Hosts draw a border around it. They allow it no network, since none is asked for. */
const looks = { ui: { prefersBorder: true } };

/** `_meta` of a tool whose answer hosts show in the view (MCP Apps specification, Resource Discovery). */
export const openedInView = { ui: { resourceUri: uri } };

/** `_meta` of a tool that hosts with the view keep from their model, which has no file to give it. */
export const forViewAlone = { ui: { visibility: ["app"] } };

/**
 * The view of expenses, an MCP App: one HTML file, the same for everybody, which holds nobody's data. It
 * calls the tools as whoever looks at it. Policy: everyone.
 */
export function expensesView(): DefinedResource {
  return defineResource({
    name: "expenses_view",
    title: "Expenses view",
    description: "A page with charts, lists and forms, for programs that show MCP Apps.",
    uri,
    mediaType: "text/html;profile=mcp-app",
    policy: everyone,
    meta: looks,
    maximumBytes: 1024 * 1024,
    async read() {
      // Half a megabyte: not before somebody looks at it.
      const { default: text } = await import("./view/index.html");
      return success({ text, meta: looks });
    },
  });
}
