/**
 * `node bridge-program.ts URL ISSUER USERNAME`: the bridge as a process, for which a local account signs
 * in by itself. Its own sign-in is tested by itself; this is for what passes through.
 */

import { createLog } from "../../bridge/log.ts";
import { serve } from "../../bridge/relay/serve.ts";
import type { TokenSource } from "../../bridge/tokens.ts";
import { apiIdentifierUri, apiScope } from "../../local/directory.ts";
import { signIn } from "../../local/sign-in.ts";
import { success } from "../../src/core/result.ts";

const [url = "", issuer = "", username = ""] = process.argv.slice(2);

/** What the bridge says of itself: it can handle a claims challenge. */
const capable = { xms_cc: { values: ["cp1"] } };
let current: Promise<string> | undefined;

const tokens: TokenSource = {
  async accessToken({ refused, claims } = {}) {
    const token = await current;
    if (token === undefined || token === refused || claims !== undefined) {
      current = newToken(claims);
    }
    return success((await current) ?? "");
  },
};

async function newToken(claims = "{}"): Promise<string> {
  const demanded = JSON.parse(claims) as { access_token?: object };
  const { accessToken } = await signIn({
    issuer,
    username,
    scope: `${apiIdentifierUri}/${apiScope}`,
    clientName: "Bridge under test",
    claims: JSON.stringify({ access_token: { ...capable, ...demanded.access_token } }),
  });
  return accessToken;
}

await serve({
  server: { given: url, url: new URL(url) },
  tokens,
  memory: { recall: async () => undefined, remember: async () => {} },
  log: createLog((line) => process.stderr.write(line), { verbose: true }),
  input: process.stdin,
  output: process.stdout,
  signal: new AbortController().signal,
});
process.exit(0);
