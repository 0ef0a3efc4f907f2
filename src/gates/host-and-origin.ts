import { excerpt } from "../core/log.ts";
import type { Gate } from "./gate.ts";
import { type OwnHost, readHost, readOrigin } from "./own-hosts.ts";

/**
 * Refuses requests that reached this server under a foreign name (DNS rebinding), and finds out under
 * which of its own names it was asked.
 */
export function knownHost(hosts: readonly OwnHost[]): Gate {
  const byName = new Map(hosts.map((own) => [own.host, own]));
  return {
    name: "host",
    pass({ request: { headers } }) {
      const got = headers.get("host") ?? "";
      const host = byName.get(got) ?? hosts.find((own) => readHost(got, own.protocol) === own.host);
      return host ? { adds: { host } } : { refused: { kind: "foreign-host", got: excerpt(got) } };
    },
  };
}

/**
 * Refuses requests from foreign web pages (MCP specification, Streamable HTTP, security warning).
 * Clients that are no browsers send no `Origin`.
 *
 * @param origins as `readOrigin` writes them, beside those of the server's own hosts
 */
export function allowedOrigin(hosts: readonly OwnHost[], origins: readonly string[]): Gate {
  const allowed = new Set([...hosts.map((own) => `${own.protocol}//${own.host}`), ...origins]);
  return {
    name: "origin",
    pass({ request: { headers } }) {
      const got = headers.get("origin");
      if (got !== null && !allowed.has(readOrigin(got) ?? "")) {
        return { refused: { kind: "foreign-origin", got: excerpt(got) } };
      }
      return { adds: { origin: got } };
    },
  };
}
