import { type ICachePlugin, LogLevel, PublicClientApplication } from "@azure/msal-node";
import type { BridgeLog } from "../../log.ts";
import { createAuthorityClient } from "./authority-client.ts";

export interface PublicClientOptions {
  /** The authority's URL: one tenant of one cloud. */
  readonly authority: string;
  readonly clientId: string;
  /** What tokens are for (RFC 8707). */
  readonly resource: string;
  /** None where tokens end with the process. */
  readonly cache: ICachePlugin | undefined;
  readonly log: BridgeLog;
  readonly fetch: typeof fetch;
  /** Is told in words why the authority's metadata cannot be read. */
  readonly onUnreadable: (words: string) => void;
}

/** MSAL for one authority, client and resource. */
export function createPublicClient(options: PublicClientOptions): PublicClientApplication {
  const { authority, clientId, resource, cache, log, onUnreadable } = options;
  return new PublicClientApplication({
    auth: {
      clientId,
      authority,
      // Not to be looked up anywhere: it has been judged before.
      knownAuthorities: [new URL(authority).host],
      // Says that claims challenges are understood, so that servers may make them.
      clientCapabilities: ["CP1"],
      // No request without `resource`.
      isMcp: true,
    },
    ...(cache ? { cache: { cachePlugin: cache } } : {}),
    system: {
      networkClient: createAuthorityClient({
        ...{ authority, resource, fetch: options.fetch, onUnreadable },
      }),
      loggerOptions: {
        logLevel: LogLevel.Warning,
        piiLoggingEnabled: false,
        loggerCallback: (_level, message) => log.detail(message),
      },
    },
  });
}
