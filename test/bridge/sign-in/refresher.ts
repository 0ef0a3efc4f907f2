/**
 * A bridge in a process of its own, which renews the token that is kept in a home folder, and prints it.
 * Where the authority is to be silent, it prints instead that it has asked, and waits.
 */

import { readServerUrl } from "../../../bridge/server-url.ts";
import { PersonTokens } from "../../../bridge/sign-in/person-tokens.ts";
import { bridgeClientId } from "../../../local/directory.ts";
import { failure } from "../../../src/core/result.ts";

export interface RefresherTask {
  readonly home: string;
  readonly url: string;
  /** What stands in the place of the cloud's origin. */
  readonly cloud: string;
  readonly origin: string;
  readonly isSilent: boolean;
}

const task = JSON.parse(process.argv[2] ?? "") as RefresherTask;
const server = readServerUrl(task.url);
if (!server.ok) throw new Error(server.reason);

const toAuthority: typeof fetch = (input, init) => {
  if (!task.isSilent) return fetch(String(input).replace(task.cloud, task.origin), init);
  console.log("asked");
  return new Promise(() => setTimeout(() => undefined, 600_000));
};
const noKeyring = async () => failure("nothing answers");

const tokens = new PersonTokens(
  {
    server: server.value,
    choices: { clientId: bridgeClientId, plainFile: true },
    machine: { platform: process.platform, env: {}, home: task.home },
    log: { say: (words) => console.error(words), detail: () => undefined },
  },
  {
    keyring: { read: noKeyring, make: noKeyring },
    openBrowser: undefined,
    fetch: toAuthority,
    now: Date.now,
  },
);
const token = await tokens.accessToken({ interactive: false });
console.log(token.ok ? token.value : token.reason.words);
