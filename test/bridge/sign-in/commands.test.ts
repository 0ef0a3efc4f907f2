import { randomUUID } from "node:crypto";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { folderPath } from "../../../bridge/cache/folder.ts";
import { signInBeforehand, signOut } from "../../../bridge/sign-in/commands.ts";
import { tenantId } from "../../../local/directory.ts";
import { verifies } from "../../requirements.ts";
import { noKeyring } from "../cache/support.ts";
import { serverUrl, startBridge, testEntra, user1 } from "./support.ts";

const admin = "admin@contoso.example";

it(verifies("bridge.sign-in.login", "signs somebody in before a client asks"), async () => {
  const entra = await testEntra();
  const bridge = await startBridge(entra);
  expect(await signInBeforehand(bridge.settings, bridge.world)).toEqual({
    ok: true,
    value: `Tokens of ${user1} for ${serverUrl} are kept in ${folderPath(bridge.machine)}.`,
  });
  expect(await signInBeforehand(bridge.settings, bridge.world)).toMatchObject({
    ok: true,
    value: expect.stringContaining(`Already signed in: ${user1}`),
  });
  expect(bridge.opened).toHaveLength(1);
  expect(bridge.said).toContain(`Signed in: ${user1}.`);
  const later = await startBridge(entra, { machine: bridge.machine });
  await later.token({ interactive: false });
});

it(verifies("bridge.sign-in.login", "says why nobody could be signed in"), async () => {
  const entra = await testEntra();
  const bridge = await startBridge(entra, { does: { cancel: "true" } });
  expect(await signInBeforehand(bridge.settings, bridge.world)).toMatchObject({
    ok: false,
    reason: expect.stringContaining("Nobody signed in."),
  });
  const forgetful = await startBridge(entra, { keyring: noKeyring });
  expect(await signInBeforehand(forgetful.settings, forgetful.world)).toMatchObject({ ok: false });
  expect(forgetful.opened).toEqual([]);
});

it(verifies("bridge.sign-in.logout", "forgets everybody, in bridges that run too"), async () => {
  const entra = await testEntra();
  const bridge = await startBridge(entra);
  await bridge.token();
  expect(await signOut(bridge.settings, bridge.world)).toMatchObject({
    ok: true,
    value: expect.stringContaining(`${user1}: signed out of ${serverUrl}`),
  });
  expect(await readdir(folderPath(bridge.machine))).toEqual([]);
  expect(await bridge.failure({ interactive: false })).toMatchObject({ kind: "person-needed" });
  expect(await signOut(bridge.settings, bridge.world)).toMatchObject({
    ok: true,
    value: `Nobody is signed in to ${serverUrl} here.`,
  });
  const forgetful = await startBridge(entra, { keyring: noKeyring });
  expect(await signOut(forgetful.settings, forgetful.world)).toMatchObject({
    ok: false,
    reason: expect.stringContaining("--insecure-token-file"),
  });
});

it(verifies("bridge.sign-in.logout", "waits for a token that is being renewed"), async () => {
  const entra = await testEntra();
  const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const bridge = await startBridge(entra, {
    choices: { tenant: tenantId },
    parts: {
      async fetch(input, init) {
        if (String(init?.body).includes("grant_type=refresh_token")) {
          asked.resolve();
          await answered.promise;
        }
        return entra.fetch(input, init);
      },
    },
  });
  const refused = await bridge.token();
  const renewed = bridge.token({ refused });
  await asked.promise;
  // Whoever waits for less than such a request takes has waited for it.
  const timeout = AbortSignal.timeout;
  const timeouts = vi.spyOn(AbortSignal, "timeout");
  onTestFinished(() => timeouts.mockRestore());
  timeouts.mockImplementation((wait) => {
    if (wait <= 30_000) return AbortSignal.abort();
    answered.resolve();
    return timeout(wait);
  });
  expect(await signOut(bridge.settings, bridge.world)).toMatchObject({ ok: true });
  answered.resolve();
  await renewed;
  expect(await readdir(folderPath(bridge.machine))).toEqual([]);
});

it(verifies("bridge.sign-in.logout", "leaves no file that a killed bridge had begun"), async () => {
  const bridge = await startBridge(await testEntra());
  await bridge.token();
  const folder = folderPath(bridge.machine);
  const tokens = (await readdir(folder)).find((name) => name.endsWith(".tokens"));
  await writeFile(join(folder, `${tokens}.${randomUUID()}.tmp`), "tokens");
  await signOut(bridge.settings, bridge.world);
  expect(await readdir(folder)).toEqual([]);
});

it(verifies("bridge.sign-in.logout", "is followed by a sign-in of the same person"), async () => {
  const entra = await testEntra();
  const bridge = await startBridge(entra);
  await bridge.token();
  await signOut(bridge.settings, bridge.world);
  await bridge.token();
  expect(bridge.opened.map(({ searchParams }) => searchParams.get("login_hint"))).toEqual([
    null,
    user1,
  ]);
});

it(verifies("bridge.sign-in.logout", "forgets one account and leaves the other"), async () => {
  const entra = await testEntra();
  const one = await startBridge(entra);
  const token = await one.token();
  const choices = { account: admin };
  const two = await startBridge(entra, { machine: one.machine, choices, does: { account: admin } });
  await two.token();
  expect(await signOut(two.settings, two.world)).toMatchObject({ ok: true });
  expect(await two.failure({ interactive: false })).toMatchObject({ kind: "person-needed" });
  expect(await one.token({ interactive: false })).toBe(token);
  expect(await signOut(two.settings, two.world)).toEqual({
    ok: false,
    reason: `${admin} is not signed in to ${serverUrl}.`,
  });
});
