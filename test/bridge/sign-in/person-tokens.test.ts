import { getEventListeners } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import { apiClientId, bridgeClientId, tenantId } from "../../../local/directory.ts";
import { claimsOf, minutes, tenantWith, user1ObjectId } from "../../local/authority/support.ts";
import { verifies } from "../../requirements.ts";
import { noKeyring } from "../cache/support.ts";
import { authorityUrl, serverUrl, startBridge, testEntra } from "./support.ts";

const admin = "admin@contoso.example";

afterEach(() => {
  vi.useRealTimers();
});

/** Goes on in time for MSAL and the authority, and leaves their timers alone. */
function advance(milliseconds: number): void {
  const then = Date.now() + milliseconds;
  if (!vi.isFakeTimers()) vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(then);
}

describe("signing in", () => {
  it(verifies("bridge.sign-in.browser", "in the browser, with the given client"), async () => {
    const entra = await testEntra();
    const bridge = await startBridge(entra);
    expect(claimsOf(await bridge.token())).toMatchObject({
      oid: user1ObjectId,
      azp: bridgeClientId,
      aud: apiClientId,
      xms_cc: ["cp1"],
    });
    const [page] = bridge.opened;
    expect(`${page?.origin}${page?.pathname}`).toBe(`${authorityUrl}/oauth2/v2.0/authorize`);
    expect(await (await bridge.shown[0])?.text()).toContain("Signed in");
    expect(bridge.said).toEqual([
      expect.stringContaining(`Signing in at ${authorityUrl} with the client ${bridgeClientId}`),
      expect.stringContaining("Sign in in your browser"),
      "Signed in: user1@contoso.example.",
    ]);
  });

  it(verifies("bridge.sign-in.silent", "once: later starts ask nobody"), async () => {
    const entra = await testEntra();
    const first = await startBridge(entra);
    const token = await first.token();
    expect(await first.token()).toBe(token);
    entra.sent.length = 0;
    const second = await startBridge(entra, first);
    expect(await second.token({ interactive: false })).toBe(token);
    expect([second.opened, second.said, entra.sent]).toEqual([[], [], []]);
  });

  it(verifies("bridge.sign-in.silent", "nor when the token ends"), async () => {
    const entra = await testEntra();
    const bridge = await startBridge(entra);
    const token = await bridge.token();
    advance(59.5 * minutes);
    const next = await bridge.token({ interactive: false });
    expect(next).not.toBe(token);
    expect(claimsOf(next)).toMatchObject({ oid: user1ObjectId, xms_cc: ["cp1"] });
    expect(bridge.opened).toHaveLength(1);
  });

  it(verifies("bridge.sign-in.one-page", "once, however many requests wait"), async () => {
    const bridge = await startBridge(await testEntra());
    const waiting = Array.from({ length: 40 }, () => bridge.token());
    expect(new Set(await Promise.all(waiting)).size).toBe(1);
    expect(bridge.opened).toHaveLength(1);
  });

  it(verifies("bridge.sign-in.one-page", "once, however many bridges start"), async () => {
    const entra = await testEntra();
    const first = await startBridge(entra);
    const others = [await startBridge(entra, first), await startBridge(entra, first)];
    const bridges = [first, ...others];
    const tokens = await Promise.all(bridges.map((bridge) => bridge.token()));
    expect(new Set(tokens).size).toBe(1);
    expect(bridges.flatMap(({ opened }) => opened)).toHaveLength(1);
  });

  it(verifies("bridge.sign-in.one-page", "never where nobody is to be asked"), async () => {
    const bridge = await startBridge(await testEntra());
    expect(await bridge.failure({ interactive: false })).toMatchObject({ kind: "person-needed" });
    expect(bridge.opened).toEqual([]);
  });

  it(verifies("bridge.sign-in.one-page", "goes on where one request gives up"), async () => {
    const bridge = await startBridge(await testEntra());
    const stop = new AbortController();
    const first = bridge.failure({ signal: stop.signal });
    const second = bridge.token();
    stop.abort();
    expect(await first).toMatchObject({ kind: "cancelled" });
    expect(await second).not.toBe("");
    expect(await bridge.failure({ signal: stop.signal })).toMatchObject({ kind: "cancelled" });
    expect(bridge.opened).toHaveLength(1);
  });

  it(verifies("bridge.sign-in.no-keyring", "at every start without a keyring"), async () => {
    const entra = await testEntra();
    const first = await startBridge(entra, { keyring: noKeyring });
    const token = await first.token();
    expect(await first.token()).toBe(token);
    advance(59.5 * minutes);
    await first.token({ interactive: false });
    const second = await startBridge(entra, { ...first, keyring: noKeyring });
    expect(await second.failure({ interactive: false })).toMatchObject({ kind: "person-needed" });
    expect(second.said).toEqual([expect.stringContaining("kept in memory")]);
  });

  it(verifies("bridge.sign-in.own-registration", "as the server's own registration"), async () => {
    const tenant = tenantWith({ redirectUris: ["http://localhost"] });
    const entra = await testEntra({ tenant });
    const bridge = await startBridge(entra, { choices: { clientId: apiClientId } });
    await bridge.token();
    for (let start = 0; start < 3; start += 1) {
      advance(59.5 * minutes);
      const later = await startBridge(entra, { ...bridge, choices: { clientId: apiClientId } });
      const token = await later.token({ interactive: false });
      expect(claimsOf(token)).toMatchObject({ aud: apiClientId, azp: apiClientId });
    }
  });
});

it(verifies("bridge.sign-in.one-page", "leaves nothing on the signals of who waits"), async () => {
  const bridge = await startBridge(await testEntra());
  const { signal } = new AbortController();
  await bridge.token({ signal });
  await bridge.token({ signal });
  expect(getEventListeners(signal, "abort")).toEqual([]);
});

describe("what is asked for", () => {
  it(verifies("bridge.sign-in.resource", "is for the given URL, in every request"), async () => {
    const entra = await testEntra();
    const bridge = await startBridge(entra);
    const token = await bridge.token();
    await bridge.token({ refused: token });
    const byCode = await startBridge(entra, { choices: { deviceCode: true } });
    await byCode.token();

    expect(bridge.opened[0]?.searchParams.getAll("resource")).toEqual([serverUrl]);
    const posted = entra.sent.filter(({ method }) => method === "POST");
    const asked = posted.map(({ url, form }) => [
      url.pathname.replace(/^.*\//, ""),
      form.get("grant_type")?.replace(/^.*:/, ""),
    ]);
    expect(asked.slice(0, 4)).toEqual([
      ["token", "authorization_code"],
      ["token", "refresh_token"],
      ["devicecode", undefined],
      ["token", "device_code"],
    ]);
    for (const { url, form } of posted) {
      expect(form.getAll("resource")).toEqual([serverUrl]);
      expect(url.searchParams.has("resource")).toBe(false);
    }
  });

  it.each([
    [undefined, `${serverUrl}/.default`],
    ["user_impersonation", `${serverUrl}/user_impersonation`],
    ["api://mcp-local/user_impersonation", "api://mcp-local/user_impersonation"],
  ])(verifies("bridge.sign-in.scope", "with --scope %s is %s"), async (scope, asked) => {
    const bridge = await startBridge(await testEntra(), { choices: { scope } });
    expect(claimsOf(await bridge.token()).scp).toBe("user_impersonation");
    const scopes = bridge.opened[0]?.searchParams.get("scope")?.split(" ");
    expect(scopes).toEqual([asked, "openid", "profile", "offline_access"]);
  });
});

describe("a device code", () => {
  it(verifies("bridge.sign-in.device-code", "where there is no display"), async () => {
    const entra = await testEntra();
    const bridge = await startBridge(entra, { parts: { openBrowser: undefined } });
    expect(claimsOf(await bridge.token()).oid).toBe(user1ObjectId);
    expect(bridge.said.at(-2)).toMatch(/^To sign in, open \S+ .+ enter the code [A-Z0-9]{9}\./);
    expect(await (await startBridge(entra, bridge)).token({ interactive: false })).not.toBe("");
  });

  it(verifies("bridge.sign-in.device-code", "where the browser cannot be opened"), async () => {
    const bridge = await startBridge(await testEntra(), {
      parts: { openBrowser: (_url, failed) => failed("xdg-open ended with 3") },
    });
    expect(claimsOf(await bridge.token()).oid).toBe(user1ObjectId);
    expect(bridge.said).toContain("No browser could be opened (xdg-open ended with 3).");
  });

  it(verifies("bridge.sign-in.device-code", "never without a word of the browser"), async () => {
    const entra = await testEntra();
    const refusing: typeof fetch = async (input, init) =>
      String(input).includes("/devicecode")
        ? Response.json(
            { error: "invalid_grant", error_description: "AADSTS53003: Access has been blocked." },
            { status: 400 },
          )
        : entra.fetch(input, init);
    const choices = { deviceCode: true };
    const bridge = await startBridge(entra, { choices, parts: { fetch: refusing } });
    expect(await bridge.failure()).toEqual({
      kind: "refused",
      words: expect.stringMatching(/^AADSTS53003: .+a browser, without --device-code\.$/),
    });
  });

  it(verifies("bridge.sign-in.device-code", "can be declined"), async () => {
    const choices = { deviceCode: true };
    const bridge = await startBridge(await testEntra(), { choices, does: { cancel: "true" } });
    expect(await bridge.failure()).toMatchObject({ kind: "not-signed-in" });
  });
});

describe("who signs in", () => {
  it(verifies("bridge.sign-in.accounts", "is told apart, and has to be named"), async () => {
    const entra = await testEntra();
    const one = await startBridge(entra);
    const user = await one.token();
    const choices = { account: admin };
    const two = await startBridge(entra, { ...one, choices, does: { account: admin } });
    const administrator = await two.token();
    expect(two.opened[0]?.searchParams.get("login_hint")).toBe(admin);

    const again = await startBridge(entra, {
      ...one,
      choices: { account: "ADMIN@contoso.example" },
    });
    expect(await again.token({ interactive: false })).toBe(administrator);
    // The first goes on as whom it was started for.
    expect(await one.token({ interactive: false })).toBe(user);
    const unsure = await startBridge(entra, one);
    expect(await unsure.failure()).toMatchObject({
      kind: "misconfigured",
      words: expect.stringMatching(/user1@.+, admin@.+ --account\.$/),
    });
    expect(unsure.opened).toEqual([]);
  });

  it(verifies("bridge.sign-in.accounts", "has to be the one that is named"), async () => {
    const entra = await testEntra();
    const bridge = await startBridge(entra, { choices: { account: admin } });
    expect(await bridge.failure()).toMatchObject({
      kind: "not-signed-in",
      words: expect.stringContaining("user1@contoso.example has signed in, but --account says"),
    });
    const later = await startBridge(entra, bridge);
    expect(await later.failure({ interactive: false })).toMatchObject({ kind: "person-needed" });
  });

  it(verifies("bridge.sign-in.accounts", "cannot change in a bridge that runs"), async () => {
    const entra = await testEntra();
    const bridge = await startBridge(entra);
    const token = await bridge.token();
    const stranger = await startBridge(entra, { ...bridge, does: { account: admin } });
    const claims = JSON.stringify({ access_token: { acrs: { essential: true, value: "c1" } } });
    await stranger.token({ interactive: false });
    expect(await stranger.failure({ refused: token, claims })).toMatchObject({
      kind: "not-signed-in",
      words: expect.stringContaining("but this bridge acts for user1@contoso.example"),
    });
  });

  it(verifies("bridge.sign-in.accounts", "are apart for each server"), async () => {
    const other = "http://localhost:7072/mcp";
    const api = tenantWith().api;
    const tenant = tenantWith({ identifierUris: [...api.identifierUris, other] });
    const entra = await testEntra({ tenant });
    const one = await startBridge(entra);
    await one.token();
    entra.metadata.resource = other;
    const two = await startBridge(entra, { ...one, url: other });
    expect(await two.failure({ interactive: false })).toMatchObject({ kind: "person-needed" });
    await two.token();
    expect(two.opened[0]?.searchParams.get("resource")).toBe(other);
  });
});

describe("a token that the server refuses", () => {
  it(verifies("bridge.sign-in.refused", "is not given again"), async () => {
    const bridge = await startBridge(await testEntra());
    const first = await bridge.token();
    const second = await bridge.token({ refused: first });
    expect(second).not.toBe(first);
    expect(bridge.opened).toHaveLength(1);
    expect(await bridge.token({ refused: first })).toBe(second);
    expect(await bridge.token()).toBe(second);
  });

  it(verifies("bridge.sign-in.refused", "does not open page after page"), async () => {
    let now = Date.now();
    const entra = await testEntra();
    const bridge = await startBridge(entra, { parts: { now: () => now } });
    let refused = await bridge.token();
    refused = await bridge.token({ refused });
    const reason = await bridge.failure({ refused });
    expect(reason).toMatchObject({
      kind: "refused",
      words: expect.stringContaining("Another sign-in would not help"),
    });
    expect(await bridge.failure()).toEqual(reason);
    expect(bridge.opened).toHaveLength(1);
    now += 6 * minutes;
    expect(await bridge.token()).not.toBe(refused);
    expect(bridge.opened).toHaveLength(2);
  });
});

describe("claims that the server demands", () => {
  const demanded = (value: string) =>
    JSON.stringify({ access_token: { acrs: { essential: true, value } } });

  it(verifies("bridge.sign-in.claims", "are asked of the person once"), async () => {
    const bridge = await startBridge(await testEntra());
    const refused = await bridge.token();
    const claims = demanded("c1");
    const tokens = await Promise.all([1, 2, 3].map(() => bridge.token({ refused, claims })));
    expect(new Set(tokens).size).toBe(1);
    expect(claimsOf(tokens[0])).toMatchObject({
      acrs: ["c1"],
      xms_cc: ["cp1"],
      oid: user1ObjectId,
    });
    expect(bridge.opened).toHaveLength(2);
    expect(bridge.opened[1]?.searchParams.get("login_hint")).toBe("user1@contoso.example");
    expect(await bridge.token()).toBe(tokens[0]);
  });

  it(verifies("bridge.sign-in.claims", "in number mean no number of pages"), async () => {
    const bridge = await startBridge(await testEntra());
    let refused = await bridge.token();
    for (const value of ["c1", "c2", "c3"]) {
      refused = await bridge.token({ refused, claims: demanded(value) });
    }
    expect(await bridge.failure({ refused, claims: demanded("c4") })).toMatchObject({
      kind: "refused",
    });
    expect(bridge.opened).toHaveLength(4);
  });

  it.each([
    ["no JSON", "{"],
    ["no claims of an access token", '{"id_token":{"email":null}}'],
    ["a list", '{"access_token":[[1]],"x":1}'.replace("[[1]]", "7")],
    ["endless", JSON.stringify({ access_token: { a: "x".repeat(10_000) } })],
  ])(verifies("bridge.sign-in.claims", "that are %s are refused"), async (_, claims) => {
    const bridge = await startBridge(await testEntra());
    expect(await bridge.failure({ claims })).toMatchObject({ kind: "refused" });
    expect(bridge.opened).toEqual([]);
  });
});

describe("what goes wrong", () => {
  it(
    verifies("bridge.sign-in.words", "is told once to all who wait, and not repeated"),
    async () => {
      let now = Date.now();
      const parts = { now: () => now };
      const bridge = await startBridge(await testEntra(), { does: { cancel: "true" }, parts });
      const reasons = await Promise.all([1, 2, 3].map(() => bridge.failure()));
      expect(reasons[0]).toEqual({
        kind: "not-signed-in",
        words: expect.stringMatching(/^Nobody signed in\. AADSTS65004/),
      });
      expect(await bridge.failure()).toEqual(reasons[0]);
      expect(bridge.opened).toHaveLength(1);
      now += minutes;
      await bridge.failure();
      expect(bridge.opened).toHaveLength(2);
    },
  );

  it(verifies("bridge.sign-in.words", "is an unknown client"), async () => {
    const clientId = "00000000-0000-4000-8000-000000000000";
    const bridge = await startBridge(await testEntra(), {
      choices: { clientId, deviceCode: true },
    });
    expect((await bridge.failure()).words).toMatch(/AADSTS700016: .+Compare --client-id with/);
  });

  it(verifies("bridge.sign-in.words", "is a URL that is not in the registration"), async () => {
    const entra = await testEntra();
    const url = `${serverUrl}/`;
    entra.metadata.resource = url;
    const choices = { scope: "api://mcp-local/user_impersonation" };
    const bridge = await startBridge(entra, { url, choices });
    expect((await bridge.failure()).words).toMatch(/AADSTS9010010: .+without the slash at its end/);
  });

  it(verifies("bridge.sign-in.words", "is an authority that does not answer"), async () => {
    const entra = await testEntra();
    const bridge = await startBridge(entra);
    await bridge.token();
    advance(59.5 * minutes);
    entra.setOutage({ token: true });
    expect(await bridge.failure()).toMatchObject({ kind: "unreachable" });
    expect(bridge.opened).toHaveLength(1);
    const cut: typeof fetch = async () => {
      throw new TypeError("fetch failed", {
        cause: Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }),
      });
    };
    const offline = await startBridge(entra, { ...bridge, parts: { fetch: cut } });
    expect(await offline.failure()).toEqual({
      kind: "unreachable",
      words:
        "https://login.microsoftonline.com cannot be reached (ENOTFOUND). There is no host of that name, or no network.",
    });
  });

  it(
    verifies("bridge.sign-in.words", "is metadata that cannot be read, which is soon asked again"),
    async () => {
      const authority = `https://localhost:9/${tenantId}`;
      const failing = (code: string) => async () => {
        throw new TypeError("fetch failed", { cause: Object.assign(new Error(), { code }) });
      };
      let answer: () => Promise<Response> = failing("ECONNREFUSED");
      const bridge = await startBridge(await testEntra(), {
        choices: { tenant: authority },
        parts: { fetch: () => answer() },
      });
      expect(await bridge.failure()).toEqual({
        kind: "unreachable",
        words: `What ${authority} says of itself cannot be read. https://localhost:9 cannot be reached (ECONNREFUSED). Nothing listens there: does the server run, and is the port right?`,
      });
      answer = failing("SELF_SIGNED_CERT_IN_CHAIN");
      expect((await bridge.failure()).words).toContain("NODE_EXTRA_CA_CERTS");
      answer = async () => Response.json({ error: "invalid_tenant" }, { status: 400 });
      expect((await bridge.failure()).words).toMatch(
        /HTTP 400: .+no such tenant\. Compare --tenant/,
      );
      expect(bridge.opened).toEqual([]);
    },
  );

  it.each([
    [{ clientId: undefined }, "--client-id"],
    [{ clientId: "my app" }, "--client-id takes"],
    [{ tenant: "common" }, "--tenant common is for any tenant"],
    [{ tenant: "https://evil.example/contoso.com" }, "--tenant takes"],
    [{ scope: "one two" }, "--scope takes one scope"],
  ])(verifies("bridge.sign-in.words", "is a setting such as %j"), async (choices, words) => {
    const bridge = await startBridge(await testEntra(), { choices });
    expect(await bridge.failure()).toMatchObject({
      kind: "misconfigured",
      words: expect.stringContaining(words),
    });
    expect(bridge.opened).toEqual([]);
  });

  it(verifies("bridge.sign-in.words", "holds no token"), async () => {
    const entra = await testEntra();
    const bridge = await startBridge(entra);
    const token = await bridge.token();
    await bridge.token({ refused: token });
    expect(bridge.said.join()).not.toContain(token.slice(0, 20));
    expect(tenantId).not.toBe("");
  });
});
