import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { claimsOf, minutes, user1ObjectId } from "../../local/authority/support.ts";
import { verifies } from "../../requirements.ts";
import { noKeyring } from "../cache/support.ts";
import type { RefresherTask } from "./refresher.ts";
import { cloud, serverUrl, startBridge, testEntra } from "./support.ts";

const script = fileURLToPath(new URL("refresher.ts", import.meta.url));

afterEach(() => {
  vi.useRealTimers();
});

/** A person who has signed in so long ago that their token has ended, and who is away now. */
async function signedInLongAgo() {
  const refreshes: unknown[] = [];
  const entra = await testEntra({
    log: (event, { grant }) => {
      if (event === "token.issued" && grant === "refresh_token") refreshes.push(event);
    },
  });
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 90 * minutes });
  const bridge = await startBridge(entra, { keyring: noKeyring, choices: { plainFile: true } });
  await bridge.token();
  vi.useRealTimers();
  return {
    refreshes,
    start(isSilent = false): ChildProcessWithoutNullStreams {
      const { home } = bridge.machine;
      const task: RefresherTask = { home, url: serverUrl, cloud, origin: entra.origin, isSilent };
      const child = spawn(process.execPath, [script, JSON.stringify(task)]);
      onTestFinished(() => void child.kill("SIGKILL"));
      return child;
    },
  };
}

it(verifies("bridge.sign-in.one-refresh", "one process renews, and all use it"), async () => {
  const { refreshes, start } = await signedInLongAgo();
  const printed = await Promise.all([1, 2, 3, 4].map(() => text(start().stdout)));
  expect(new Set(printed).size).toBe(1);
  expect(claimsOf(printed[0]).oid).toBe(user1ObjectId);
  expect(refreshes).toHaveLength(1);
});

it(
  verifies("bridge.sign-in.one-refresh", "one that is killed meanwhile holds nobody up"),
  async () => {
    const { refreshes, start } = await signedInLongAgo();
    const stuck = start(true);
    expect(String((await once(stuck.stdout, "data"))[0])).toBe("asked\n");
    const others = [text(start().stdout), text(start().stdout)];
    stuck.kill("SIGKILL");
    const printed = await Promise.all(others);
    expect(new Set(printed).size).toBe(1);
    expect(claimsOf(printed[0]).oid).toBe(user1ObjectId);
    expect(refreshes).toHaveLength(1);
  },
);
