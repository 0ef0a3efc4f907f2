import { describe, expect, it } from "vitest";
import { verifies } from "../../../requirements.ts";
import { minutes, refusalOf } from "../support.ts";
import {
  asClient,
  authorityWith,
  clock,
  host,
  lines,
  pageOf,
  refresh,
  signIn,
  useDocumentHost,
} from "./support.ts";

useDocumentHost();

describe("a document", () => {
  it.each([
    [
      "is refused",
      () => host.publish("/c", { client_secret: "s" }),
      "400 AADSTS700016",
      "must not hold client_secret",
    ],
    ["is not there", () => `${host.origin}/none`, "400 AADSTS700016", "The answer was 404"],
    [
      "has a URL that is none",
      () => "https://user@client.example/c",
      "400 AADSTS700016",
      "must not hold a user name",
    ],
    [
      "is on a host that does not answer",
      () => "https://other.example/c",
      "503 AADSTS90033",
      "(ENOTFOUND)",
    ],
  ])(
    verifies("client-documents.told", "that %s is refused on a page, and explained in the log"),
    async (_what, publish, answered, words) => {
      const authority = await authorityWith();
      const page = await authority.authorize(asClient(publish()));
      expect(await pageOf(page)).toBe(answered);
      expect(lines).toEqual([expect.stringContaining(words)]);
    },
  );

  it(verifies("client-documents.told", "says nothing in the log by itself"), async () => {
    const authority = await authorityWith();
    const evil = "https://client.example/\u001b[2J\r\nSign-in, all good";
    await authority.authorize(asClient(evil));
    const url = host.publish("/c", { redirect_uris: ["javascript:\u001b[2Jalert"] });
    await authority.authorize(asClient(url));
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^[\x20-\x7e]+$/);
  });

  it(
    verifies("client-documents.changed", "that is gone ends refreshing and signing in"),
    async () => {
      const authority = await authorityWith();
      const url = host.publish("/client.json");
      const { refresh_token } = await signIn(authority, url);
      host.withdraw("/client.json");
      expect((await refresh(authority, url, refresh_token)).status).toBe(200);
      clock.advance(10 * minutes);
      expect(await refusalOf(refresh(authority, url, refresh_token))).toBe(
        "400 unauthorized_client AADSTS700016",
      );
      expect(await pageOf(await authority.authorize(asClient(url)))).toBe("400 AADSTS700016");
    },
  );

  it(verifies("client-documents.changed", "that has changed counts as it is"), async () => {
    const authority = await authorityWith();
    const url = host.publish("/client.json");
    await signIn(authority, url);
    const moved = "https://client.example/callback";
    host.publish("/client.json", { redirect_uris: [moved], client_name: "A new name" });
    clock.advance(10 * minutes);
    expect(await pageOf(await authority.authorize(asClient(url)))).toBe("400 AADSTS50011");
    const page = await authority.authorize({ ...asClient(url), redirect_uri: moved });
    expect(await page.text()).toContain("A new name");
  });

  it(verifies("client-documents.changed", "that cannot be reached now may be later"), async () => {
    let isReachable = true;
    const { network } = host;
    const resolve: typeof network.resolve = (name, signal) =>
      network.resolve(isReachable ? name : "nowhere.example", signal);
    const authority = await authorityWith({ network: { ...network, resolve } });
    const url = host.publish("/client.json");
    const { refresh_token } = await signIn(authority, url);
    clock.advance(10 * minutes);
    isReachable = false;
    expect(await refusalOf(refresh(authority, url, refresh_token))).toBe(
      "503 temporarily_unavailable AADSTS90033",
    );
    isReachable = true;
    clock.advance(10_000);
    expect((await refresh(authority, url, refresh_token)).status).toBe(200);
  });
});
