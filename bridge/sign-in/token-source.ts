import { failure } from "../../src/core/result.ts";
import type { BridgeLog } from "../log.ts";
import type { ServerUrl } from "../server-url.ts";
import type { TokenSource } from "../tokens.ts";

export interface TokenSourceOptions {
  readonly server: ServerUrl;
  readonly log: BridgeLog;
}

/** Imported when the first token is needed: what signs in takes its time to load. */
export function createTokenSource(_options: TokenSourceOptions): TokenSource {
  return {
    accessToken: async () =>
      failure({ kind: "misconfigured", words: "This bridge cannot sign anybody in yet." }),
  };
}
