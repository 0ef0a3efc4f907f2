import { join } from "node:path";
import { afterEach, beforeEach, onTestFinished } from "vitest";
import type { AuthorityOptions } from "../../../../local/authority/authority.ts";
import { readableLine } from "../../../../local/log-line.ts";
import { FakeClock } from "../../../keys/fake-clock.ts";
import {
  type DocumentHost,
  redirectUri,
  startDocumentHost,
} from "../../../support/document-host.ts";
import { temporaryFolder } from "../../../support/stack.ts";
import { qualifiedScope, type TestAuthority, testAuthority, tokensOf } from "../support.ts";

export let host: DocumentHost;
export let clock: FakeClock;
/** What `npm start` would have printed. */
export let lines: string[];

/** Gives each test of a file a host for documents, a clock and an empty log. */
export function useDocumentHost(): void {
  beforeEach(async () => {
    host = await startDocumentHost();
    clock = new FakeClock();
    lines = [];
  });
  afterEach(() => host.close());
}

export const log = (event: string, fields: Readonly<Record<string, string>>) => {
  if (/\.refused$|^agent-identity\./.test(event)) {
    lines.push(String(readableLine(JSON.stringify({ event, ...fields }), new Date(0))));
  }
};

/** An authority that reaches the host. */
export const authorityWith = (
  clientDocuments: AuthorityOptions["clientDocuments"] = {},
  options: Partial<AuthorityOptions> = {},
) =>
  testAuthority({
    clientDocuments: { network: host.network, ...clientDocuments },
    now: clock.now,
    log,
    ...options,
  });

export const asClient = (url: string) => ({
  client_id: url,
  redirect_uri: redirectUri,
  scope: `openid ${qualifiedScope} offline_access`,
});

export async function signIn(authority: TestAuthority, url: string) {
  const code = await authority.authorizationCode(asClient(url));
  return tokensOf(authority.redeem(code, { client_id: url, redirect_uri: redirectUri }));
}

export const refresh = (authority: TestAuthority, url: string, refresh_token = "") =>
  authority.token({ grant_type: "refresh_token", client_id: url, refresh_token });

/** The page on which a request ended: its status, and the code on it. */
export async function pageOf(response: Response): Promise<string> {
  return `${response.status} ${/AADSTS\d+/.exec(await response.text())?.[0]}`;
}

export async function stateDirectory(): Promise<string> {
  const folder = await temporaryFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  return join(folder.path, "state");
}
