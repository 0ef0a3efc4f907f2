import { connect } from "node:net";
import { expect, it, onTestFinished, vi } from "vitest";
import { createPublicClient } from "../../../bridge/sign-in/authority/public-client.ts";
import { signInInBrowser } from "../../../bridge/sign-in/ways/interactive.ts";
import { bridgeClientId } from "../../../local/directory.ts";
import { verifies } from "../../requirements.ts";
import { listeningLog } from "../cache/support.ts";
import { authorityUrl, serverUrl, startBridge, testEntra } from "./support.ts";

/** A sign-in that a test holds in its hands. */
function signIn(timeout: number, openBrowser: (url: URL) => void) {
  const { log, said } = listeningLog();
  const msal = createPublicClient({
    ...{ authority: authorityUrl, clientId: bridgeClientId, resource: serverUrl },
    ...{ cache: undefined, log, fetch, onUnreadable: () => {} },
  });
  const request = { scopes: [`${serverUrl}/.default`], resource: serverUrl };
  const open = (url: string) => openBrowser(new URL(url));
  const options = {
    ...{ authority: authorityUrl, log, timeout, openBrowser: open, onShown: () => {} },
  };
  return { said, outcome: signInInBrowser(msal, request, options) };
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", () => resolve(true));
  });

const redirectOf = (url: URL) => new URL(url.searchParams.get("redirect_uri") ?? "");

it(verifies("bridge.sign-in.page", "is waited for no longer than the person has"), async () => {
  const opened = Promise.withResolvers<URL>();
  const { outcome } = signIn(50, opened.resolve);
  await expect(outcome).rejects.toMatchObject({
    errorCode: "user_timeout_reached",
    errorMessage: expect.stringContaining("If the page showed an error"),
  });
  expect(await isFree(Number(redirectOf(await opened.promise).port))).toBe(true);
});

it(
  verifies("bridge.sign-in.page", "ends in time where a proxy has all other requests"),
  async () => {
    // As with NODE_USE_ENV_PROXY and a proxy that does not know this machine's ports.
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed")));
    onTestFinished(() => void vi.unstubAllGlobals());
    const { outcome } = signIn(50, () => {});
    await expect(outcome).rejects.toMatchObject({ errorCode: "user_timeout_reached" });
  },
);

it(verifies("bridge.sign-in.page", "is not ended by answers to another request"), async () => {
  const opened = Promise.withResolvers<URL>();
  const { outcome } = signIn(60_000, opened.resolve);
  const ended = expect(outcome).rejects.toMatchObject({ errorCode: "access_denied" });
  const url = await opened.promise;
  const post = (fields: Record<string, string>) =>
    fetch(redirectOf(url), { method: "POST", body: new URLSearchParams(fields) });
  expect((await post({ code: "mine", state: "x" })).status).toBe(400);
  expect((await post({ error: "access_denied" })).status).toBe(400);
  const query = `?code=mine&state=x`;
  expect((await fetch(`${redirectOf(url).origin}/callback${query}`)).status).toBe(400);
  const state = url.searchParams.get("state") ?? "";
  await post({ error: "access_denied", error_description: "AADSTS65004: declined", state });
  await ended;
});

it(verifies("bridge.sign-in.words", "may be shown where no browser opened by itself"), async () => {
  const bridge = await startBridge(await testEntra());
  await bridge.token();
  const [, shown = ""] = /open (https:\S+)$/.exec(bridge.said[1] ?? "") ?? [];
  expect(new URL(shown).href).toBe(bridge.opened[0]?.href);
});
