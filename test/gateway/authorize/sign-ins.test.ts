import { describe, expect, it } from "vitest";
import { failure } from "../../../src/core/result.ts";
import { verifies } from "../../requirements.ts";
import {
  destinationOf,
  digest,
  documentClient,
  leadsOn,
  parameters,
  stateOf,
  upstreamIssuer,
  World,
} from "./world.ts";

const signInCookie = /^__Host-gateway-sign-in-[\w-]{8}$/;

describe("the browser that comes back", () => {
  it(verifies("gateway.sign-in.browser", "is the one that consented"), async () => {
    const world = new World();
    const victim = world.browser();
    const state = await victim.consent();
    // CVE-2026-27124: somebody else's sign-in ends in the attacker's consent, or the other way round.
    const answer = await world.browser().callback({ state, code: "entra-code" });
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("was not begun in this browser");
    expect(leadsOn(answer)).toBe(false);
    expect(world.redeemed).toEqual([]);
    expect(world.grants).toEqual([]);
    expect(world.audits("gateway-sign-in")).toEqual([
      expect.objectContaining({ outcome: "refused", reason: "other-browser" }),
    ]);
    // Which has not used up the person's own.
    const own = await victim.callback({ state, code: "entra-code" });
    expect(destinationOf(own).searchParams.get("code")).toBe("gwc_code1");
  });

  it(verifies("gateway.sign-in.browser", "needs the cookie of this very sign-in"), async () => {
    const world = new World();
    const browser = world.browser();
    const first = await browser.consent();
    const second = await browser.consent();
    const [one, other] = [...browser.cookies].filter(([name]) => signInCookie.test(name));
    browser.cookies.set(String(other?.[0]), String(one?.[1]));
    const answer = await browser.callback({ state: second, code: "entra-code" });
    expect(answer.body).toContain("was not begun in this browser");
    expect((await browser.callback({ state: first, code: "entra-code" })).status).toBe(200);
  });

  it(
    verifies("gateway.sign-in.browser", "has a cookie for ten minutes that no site sets"),
    async () => {
      const browser = new World().browser();
      const allowed = await browser.decide(await browser.authorize(), "allow");
      const name = digest(stateOf(allowed)).slice(0, 8);
      const attributes = "Path=/; Secure; HttpOnly; SameSite=Lax";
      const setCookie = String(allowed.headers["set-cookie"]);
      expect(setCookie.replace(/=[\w-]{22};/, "=VALUE;")).toBe(
        `__Host-gateway-sign-in-${name}=VALUE; Max-Age=600; ${attributes}`,
      );
      const done = await browser.callback({ state: stateOf(allowed), code: "entra-code" });
      expect(done.headers["set-cookie"]).toBe(
        `__Host-gateway-sign-in-${name}=; Max-Age=0; ${attributes}`,
      );
    },
  );

  it(verifies("gateway.sign-in.side-by-side", "may have several sign-ins under way"), async () => {
    const world = new World();
    const browser = world.browser();
    const first = await browser.consent({ state: "first" });
    const second = await browser.consent({ state: "second" });
    const answers = [];
    for (const state of [second, first]) {
      const answer = await browser.callback({ state, code: "entra-code" });
      answers.push(destinationOf(answer).searchParams.get("state"));
    }
    expect(answers).toEqual(["second", "first"]);
    expect([...browser.cookies.keys()]).toEqual(["__Host-gateway-consent"]);
  });
});

describe("a state", () => {
  it(verifies("gateway.sign-in.once", "is used once"), async () => {
    const world = new World();
    const browser = world.browser();
    const state = await browser.consent();
    const cookies = new Map(browser.cookies);
    await browser.callback({ state, code: "entra-code" });
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    const again = await browser.callback({ state, code: "another-code" });
    expect(again.status).toBe(400);
    expect(again.body).toContain("has been used already");
    expect(world.redeemed).toHaveLength(1);
    expect(world.grants).toHaveLength(1);
  });

  it(verifies("gateway.sign-in.once", "is used once by many at the same time"), async () => {
    const world = new World();
    const browser = world.browser();
    const state = await browser.consent();
    const race = Array.from({ length: 8 }, () => browser.callback({ state, code: "entra-code" }));
    const statuses = (await Promise.all(race)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, ...Array(7).fill(400)]);
    expect(world.redeemed).toHaveLength(1);
  });

  it(verifies("gateway.sign-in.once", "is used up by an error of Entra's too"), async () => {
    const browser = new World().browser();
    const state = await browser.consent();
    await browser.callback({ state, error: "access_denied" });
    const answer = await browser.callback({ state, code: "entra-code" });
    expect(answer.body).toContain("has been used already");
  });

  it(verifies("gateway.sign-in.ten-minutes", "is good for ten minutes"), async () => {
    const world = new World();
    const browser = world.browser();
    const late = await browser.consent();
    world.clock.advance(10 * 60_000);
    const answer = await browser.callback({ state: late, code: "entra-code" });
    expect(answer.body).toContain("older than ten minutes");
    const state = await browser.consent();
    world.clock.advance(10 * 60_000 - 1);
    expect((await browser.callback({ state, code: "entra-code" })).status).toBe(200);
  });

  it.each([undefined, "made-up", "A".repeat(43)])(
    verifies("gateway.sign-in.once", "is none that a browser makes up: %j"),
    async (state) => {
      const world = new World();
      const answer = await world.browser().callback({ state, code: "entra-code" });
      expect(answer.status).toBe(400);
      expect(world.redeemed).toEqual([]);
    },
  );

  it(
    verifies("gateway.sign-in.repeated", "is not read where a parameter is there twice"),
    async () => {
      const world = new World();
      const browser = world.browser();
      const state = await browser.consent();
      const repeated = failure({ kind: "repeated", name: "code" } as const);
      expect((await browser.comeBack(repeated)).status).toBe(400);
      expect((await browser.callback({ state, code: "entra-code" })).status).toBe(200);
    },
  );
});

describe("what is kept of a sign-in", () => {
  it(
    verifies("gateway.sign-in.hashes", "says neither state, cookie nor what a code takes"),
    async () => {
      const world = new World();
      const browser = world.browser();
      const allowed = await browser.decide(await browser.authorize(), "allow");
      const state = stateOf(allowed);
      const cookie = [...browser.cookies].find(([name]) => signInCookie.test(name))?.[1];
      const stored = JSON.stringify(world.memory.documents());
      await browser.callback({ state, code: "entra-code" });
      const codeVerifier = world.redeemed[0]?.codeVerifier;
      expect(stored).toContain(digest(state));
      for (const secret of [state, cookie, codeVerifier]) {
        expect(secret).toMatch(/^[\w-]{22,43}$/);
        expect(stored).not.toContain(secret);
      }
    },
  );

  it(
    verifies("gateway.sign-in.pkce", "redeems with the verifier of its own challenge"),
    async () => {
      const world = new World();
      const browser = world.browser();
      const challenges = [];
      for (const code of ["one", "two"]) {
        const allowed = await browser.decide(await browser.authorize(), "allow");
        challenges.push(destinationOf(allowed).searchParams.get("code_challenge"));
        await browser.callback({ state: stateOf(allowed), code });
      }
      expect(new Set(challenges).size).toBe(2);
      expect(world.redeemed.map(({ codeVerifier }) => digest(codeVerifier))).toEqual(challenges);
      expect(world.redeemed.map(({ code }) => code)).toEqual(["one", "two"]);
    },
  );

  it(verifies("gateway.sign-in.pkce", "is of no use without the server's key"), async () => {
    const world = new World();
    const browser = world.browser();
    const state = await browser.consent();
    world.encryptionKeys = [{ id: "key-2", secret: new Uint8Array(32) }];
    const answer = await browser.callback({ state, code: "entra-code" });
    expect(answer.status).toBe(400);
    expect(world.redeemed).toEqual([]);

    const allowed = await browser.decide(await browser.authorize(), "allow");
    world.encryptionKeys = [{ id: "key-2", secret: new Uint8Array(32).fill(1) }];
    await browser.callback({ state: stateOf(allowed), code: "entra-code" });
    const challenge = destinationOf(allowed).searchParams.get("code_challenge");
    expect(digest(String(world.redeemed[0]?.codeVerifier))).not.toBe(challenge);
  });
});

describe("an answer that claims to be Entra's", () => {
  it(
    verifies("gateway.sign-in.mix-up", "is refused where it names another authority"),
    async () => {
      const world = new World();
      const browser = world.browser();
      const iss = "https://login.example/other/v2.0";
      const answer = await browser.signIn({}, { iss });
      expect(destinationOf(answer).searchParams.get("error")).toBe("access_denied");
      expect(world.redeemed).toEqual([]);
      expect(world.audits("gateway-sign-in")).toEqual([
        expect.objectContaining({ outcome: "refused", reason: "other-authority" }),
      ]);
      const good = await browser.signIn({}, { iss: upstreamIssuer });
      expect(destinationOf(good).searchParams.has("code")).toBe(true);
    },
  );

  it(verifies("gateway.sign-in.mix-up", "is an error where it has one beside a code"), async () => {
    const world = new World();
    const answer = await world.browser().signIn({}, { error: "access_denied" });
    expect(destinationOf(answer).searchParams.get("error")).toBe("access_denied");
    expect(world.redeemed).toEqual([]);
  });

  it(verifies("gateway.sign-in.mix-up", "is an error where it has neither"), async () => {
    const answer = await new World().browser().signIn({}, { code: undefined });
    expect(destinationOf(answer).searchParams.get("error")).toBe("server_error");
  });
});

describe("another instance", () => {
  it(verifies("gateway.sign-in.instances", "finds a sign-in that it sees late"), async () => {
    const world = new World();
    const browser = world.browser();
    const other = world.memory.view({ staleReads: 2 });
    const state = await browser.consent();
    world.container = other.container;
    expect((await browser.callback({ state, code: "entra-code" })).status).toBe(200);
    expect(world.grants[0]?.client).toEqual(documentClient);
  });

  it(
    verifies("gateway.sign-in.instances", "does not use one again that it still sees"),
    async () => {
      const world = new World();
      const browser = world.browser();
      const first = world.container;
      const other = world.memory.view();
      const state = await browser.consent();
      const cookies = new Map(browser.cookies);
      other.lag();
      world.container = first;
      await browser.callback({ state, code: "entra-code" });
      for (const [name, value] of cookies) browser.cookies.set(name, value);
      world.container = other.container;
      const again = await browser.callback({ state, code: "entra-code" });
      expect(again.body).toContain("has been used already");
      expect(world.grants).toHaveLength(1);
    },
  );
});

it.each(["storeFails", "keysFail"] as const)(
  verifies("gateway.sign-in.unavailable", "is kept while store or keys are out of reach: %s"),
  async (fails) => {
    const world = new World();
    const browser = world.browser();
    const state = await browser.consent();
    world[fails] = true;
    const answer = await browser.comeBack(parameters({ state, code: "entra-code" }));
    expect(answer).toMatchObject({ status: 503, headers: { "retry-after": "10" } });
    world[fails] = false;
    expect((await browser.callback({ state, code: "entra-code" })).status).toBe(200);
  },
);
