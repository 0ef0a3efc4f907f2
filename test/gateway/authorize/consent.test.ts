import { describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import {
  destinationOf,
  documentClient,
  formOf,
  issuer,
  leadsOn,
  registeredClient,
  stateOf,
  World,
} from "./world.ts";

const registered = {
  client_id: registeredClient.id,
  redirect_uri: "http://localhost:49152/callback",
};
const privateScheme = { ...registered, redirect_uri: "myeditor://gateway/callback?flow=1" };

describe("the consent page", () => {
  it(verifies("gateway.consent.words", "says who asks for what, and where it leads"), async () => {
    const { status, body } = await new World().browser().authorize();
    expect(status).toBe(200);
    const text = String(body).replace(/<[^>]*>/g, "");
    expect(text).toContain("“Example Client” asks to use Expenses at mcp.example in your name.");
    expect(text).toContain("The application of client.example, which gave it this name");
    expect(text).toContain("Read and add your expenses as you");
    expect(text).toContain("https://client.example/callback");
    expect(text).not.toContain("Careful");
  });

  it(
    verifies("gateway.consent.words", "says that nobody vouches for a registered one"),
    async () => {
      const { body } = await new World().browser().authorize(registered);
      const text = String(body).replace(/<[^>]*>/g, "");
      expect(text).toContain("“Self-made” asks to use Expenses");
      expect(text).toContain("says it is called this. Nobody vouches for it.");
    },
  );

  it(
    verifies("gateway.consent.words", "says which one the server's people have set up"),
    async () => {
      const world = new World();
      world.clients.set(documentClient.id, {
        ...documentClient,
        kind: "pre-registered",
        domain: undefined,
      });
      const { body } = await world.browser().authorize();
      expect(body).toContain("the people who run this server have set up");
      expect(body).not.toContain("Nobody vouches");
    },
  );

  it(verifies("gateway.consent.words", "has room for a name, and for no speech"), async () => {
    const world = new World();
    const name = `${"🧾".repeat(59)}ab`;
    world.clients.set(documentClient.id, { ...documentClient, name });
    const { body } = await world.browser().authorize();
    expect(body).toContain(`<bdi>${"🧾".repeat(59)}…</bdi>`);
  });

  it.each([
    [registered, "http://localhost:49152/callback"],
    [privateScheme, "myeditor://gateway/callback"],
    [{ redirect_uri: "http://127.0.0.1:5/callback" }, "http://127.0.0.1:5/callback"],
  ])(
    verifies("gateway.consent.loopback", "warns of what any program on the device can take: %j"),
    async (changes, address) => {
      const { body } = await new World().browser().authorize(changes);
      expect(body).toContain(`<bdi>${address}</bdi>`);
      expect(body).toContain("<strong>Careful:</strong>");
    },
  );

  it(verifies("gateway.pages.escaping", "shows a hostile client as text"), async () => {
    const world = new World();
    const name = `"><script>alert('x')</script>`;
    const redirectUri = "https://client.example/<b>'&quot;";
    const state = `"><img src=x onerror=alert(1)>\r\nSet-Cookie: a=b`;
    const client = { ...documentClient, name, redirectUris: [redirectUri] };
    world.clients.set(client.id, client);
    const browser = world.browser();
    const page = await browser.authorize({ redirect_uri: redirectUri, state });
    expect(page.body).not.toMatch(/<script|<img|<b>/);
    expect(page.body).toContain("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;");
    // It comes through the form unchanged, and stands encoded in the address that follows.
    expect(formOf(page)).toMatchObject({ redirect_uri: redirectUri, state });
    const denied = await browser.decide(page, "deny");
    expect(denied.headers.refresh).toMatch(/^0; url=[\x21-\x7e]+$/);
    expect(denied.body).not.toMatch(/<img|<b>/);
  });

  it(
    verifies("gateway.consent.each-time", "is shown again, however often it was allowed"),
    async () => {
      const world = new World();
      const browser = world.browser();
      await browser.signIn();
      expect(world.grants).toHaveLength(1);
      const again = await browser.authorize();
      expect(again.status).toBe(200);
      expect(leadsOn(again)).toBe(false);
      expect(again.body).toContain("Allow</button>");
    },
  );

  it(
    verifies("gateway.consent.cookie", "sets a cookie that no other site can set or send"),
    async () => {
      const browser = new World().browser();
      const { headers } = await browser.authorize();
      expect(headers["set-cookie"]).toMatch(
        /^__Host-gateway-consent=[\w-]{43}; Max-Age=1800; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
      );
      // Another page of the same browser is bound to the same.
      expect((await browser.authorize()).headers["set-cookie"]).toBe(headers["set-cookie"]);
      const other = await new World().browser().authorize();
      expect(other.headers["set-cookie"]).not.toBe(headers["set-cookie"]);
    },
  );
});

describe("Allow", () => {
  it(verifies("gateway.consent.allow", "goes on to Entra, and not before"), async () => {
    const world = new World();
    const browser = world.browser();
    const page = await browser.authorize();
    expect(page.body).not.toContain("login.example");
    const allowed = await browser.decide(page, "allow");
    expect(allowed.status).toBe(200);
    const { origin, pathname, searchParams } = destinationOf(allowed);
    expect(origin + pathname).toBe("https://login.example/authorize");
    expect(searchParams.get("code_challenge")).toMatch(/^[\w-]{43}$/);
    expect(searchParams.get("state")).toMatch(/^[\w-]{43}$/);
    expect(allowed.body).toContain('<a href="https://login.example/authorize?');
    expect(world.audits("gateway-consent")).toEqual([
      expect.objectContaining({ outcome: "success", clientId: documentClient.id, level: "info" }),
    ]);
  });

  it(
    verifies("gateway.consent.allow", "says that Entra's is to begin later, without a store"),
    async () => {
      const world = new World();
      const browser = world.browser();
      const page = await browser.authorize();
      world.storeFails = true;
      const answer = await browser.decide(page, "allow");
      expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "10" } });
      expect(leadsOn(answer)).toBe(false);
      world.storeFails = false;
      world.encryptionKeys = [];
      expect((await browser.decide(page, "allow")).status).toBe(503);
      expect(world.audits("gateway-consent").map(({ reason }) => reason)).toEqual([
        "sign-in-store",
        "sign-in-keys",
      ]);
    },
  );
});

describe("Deny", () => {
  it.each([
    [{}, "https://client.example/callback?"],
    [registered, "http://localhost:49152/callback?"],
    [privateScheme, "myeditor://gateway/callback?flow=1&"],
  ])(verifies("gateway.consent.deny", "tells the client at once: %j"), async (changes, start) => {
    const world = new World();
    const browser = world.browser();
    const denied = await browser.decide(await browser.authorize(changes), "deny");
    expect(denied.status).toBe(200);
    const url = destinationOf(denied);
    expect(url.href.startsWith(start)).toBe(true);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      ...{ error: "access_denied", state: "state of the client", iss: issuer },
    });
    expect(url.searchParams.has("code")).toBe(false);
    expect(world.audits("gateway-consent")).toEqual([
      expect.objectContaining({ outcome: "refused", reason: "denied" }),
    ]);
  });

  it.each(["", "Allow", "yes"])(
    verifies("gateway.consent.deny", "is meant by all that is not Allow: %j"),
    async (decision) => {
      const browser = new World().browser();
      const answer = await browser.decide(await browser.authorize(), decision);
      expect(destinationOf(answer).searchParams.get("error")).toBe("access_denied");
    },
  );
});

describe("a form that was not sent by the person", () => {
  const foreign = /not what this browser was shown/;

  it(verifies("gateway.consent.csrf", "is refused where the browser was shown none"), async () => {
    const world = new World();
    const page = await world.browser().authorize();
    const victim = world.browser();
    const answer = await victim.decide(page, "allow");
    expect(answer.status).toBe(400);
    expect(answer.body).toMatch(foreign);
    expect(leadsOn(answer)).toBe(false);
    expect(world.audits("gateway-consent")).toEqual([
      expect.objectContaining({ outcome: "refused", reason: "form-foreign" }),
    ]);
  });

  it(verifies("gateway.consent.csrf", "is refused with another browser's handle"), async () => {
    const world = new World();
    const attackers = formOf(await world.browser().authorize());
    const victim = world.browser();
    const page = await victim.authorize();
    const answer = await victim.decide(page, "allow", { handle: attackers.handle });
    expect(answer.body).toMatch(foreign);
    expect((await victim.decide(page, "allow")).status).toBe(200);
  });

  it.each([
    { client_id: registeredClient.id, redirect_uri: registeredClient.redirectUris[1] },
    { redirect_uri: "http://127.0.0.1:1/callback" },
    { state: "another" },
    { state: undefined },
    { code_challenge: "b".repeat(43) },
  ])(
    verifies("gateway.consent.csrf", "is refused where it was shown for less than %j"),
    async (changes) => {
      const browser = new World().browser();
      const answer = await browser.decide(await browser.authorize(), "allow", changes);
      expect(answer.status).toBe(400);
      expect(answer.body).toMatch(foreign);
    },
  );

  it.each([undefined, "", "made-up", "A".repeat(46)])(
    verifies("gateway.consent.csrf", "is refused with the handle %j"),
    async (handle) => {
      const browser = new World().browser();
      const answer = await browser.decide(await browser.authorize(), "allow", { handle });
      expect(answer.status).toBe(400);
      expect(answer.body).toMatch(foreign);
    },
  );

  it(verifies("gateway.consent.csrf", "is refused with a handle for something else"), async () => {
    const world = new World();
    const browser = world.browser();
    const page = await browser.authorize();
    const other = { purpose: "expenses-cursor", bound: {} };
    const expiresAt = world.clock.now() + 60_000;
    const sealed = await world.keyRing.seal(other, new Uint8Array(), {}, expiresAt);
    const handle = sealed.ok ? sealed.value : "";
    expect((await browser.decide(page, "allow", { handle })).body).toMatch(foreign);
  });

  it(verifies("gateway.consent.csrf", "cannot deny in the person's name either"), async () => {
    const world = new World();
    const answer = await world.browser().decide(await world.browser().authorize(), "deny");
    expect(answer.status).toBe(400);
    expect(leadsOn(answer)).toBe(false);
  });
});

describe("what has changed since it was shown", () => {
  it(verifies("gateway.consent.judged-again", "is judged again: parameters"), async () => {
    const browser = new World().browser();
    const page = await browser.authorize();
    const answer = await browser.decide(page, "allow", { code_challenge_method: "plain" });
    expect(answer.body).toContain("code_challenge_method must be S256");
    const foreign = await browser.decide(page, "allow", { redirect_uri: "https://evil.example/" });
    expect(foreign.body).toContain("redirect_uri must be one of the client&#39;s");
    expect(leadsOn(foreign)).toBe(false);
  });

  it(verifies("gateway.consent.judged-again", "is judged again: the client"), async () => {
    const world = new World();
    const browser = world.browser();
    const page = await browser.authorize();
    world.clientProblem = { kind: "client-not-allowed" };
    expect((await browser.decide(page, "allow")).body).toContain("have not allowed");
    world.clientProblem = undefined;
    world.clients.set(documentClient.id, { ...documentClient, name: "Your Bank" });
    expect((await browser.decide(page, "allow")).body).toMatch(/not what this browser was shown/);
  });

  it(
    verifies("gateway.consent.judged-again", "is not what a page says that lay for long"),
    async () => {
      const world = new World();
      const browser = world.browser();
      const page = await browser.authorize();
      world.clock.advance(30 * 60_000);
      const answer = await browser.decide(page, "allow");
      expect(answer.status).toBe(400);
      expect(answer.body).toContain("The page was open for too long.");
    },
  );
});

it(verifies("gateway.consent.keys", "asks nobody while the key ring is out of reach"), async () => {
  const world = new World();
  world.keyStorage.readsOut = true;
  expect((await world.browser().authorize()).status).toBe(503);
});

it(verifies("gateway.consent.allow", "begins a sign-in of its own each time"), async () => {
  const world = new World();
  const browser = world.browser();
  const page = await browser.authorize();
  const first = await browser.decide(page, "allow");
  const second = await browser.decide(page, "allow");
  expect(stateOf(first)).not.toBe(stateOf(second));
});
