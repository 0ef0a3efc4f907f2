import { excerpt } from "../core/log.ts";
import type { Gate } from "./gate.ts";

/** Under which names this server answers, and which browser pages may call it. */
export interface AllowLists {
  /** `host` or `host:port`, lower case. */
  readonly hosts: readonly string[];
  readonly origins: readonly string[];
}

/**
 * Refuses requests that reached this server under a foreign name (DNS rebinding) or from a foreign
 * web page (MCP specification, Streamable HTTP, security warning). Clients that are no browsers
 * send no `Origin`.
 */
export function hostAndOrigin(allowed: AllowLists): Gate {
  return {
    name: "host and origin",
    pass({ request: { headers } }) {
      const host = headers.get("host")?.toLowerCase() ?? "";
      if (!allowed.hosts.includes(host)) {
        return { refused: { kind: "foreign-host", got: excerpt(host) } };
      }
      const origin = headers.get("origin");
      if (origin !== null && !allowed.origins.includes(origin)) {
        return { refused: { kind: "foreign-origin", got: excerpt(origin) } };
      }
      return { adds: { origin } };
    },
  };
}
