import { describe, expect, it } from "vitest";
import type { GrantFailure } from "../../../src/gateway/grants/grant-failure.ts";
import { verifies } from "../../requirements.ts";
import {
  cookieOf,
  formOf,
  formsOf,
  otherPerson,
  ownIssuer,
  person,
  textOf,
  World,
} from "./world.ts";

const minute = 60_000;
const unavailable: GrantFailure = {
  kind: "store",
  reason: { kind: "unavailable", cause: "ECONNREFUSED" },
};

/** Somebody with two connections, who has signed in; and somebody else with one. */
async function setUp() {
  const world = new World();
  world.grants.add(person, { grantId: "a1", clientName: "First" });
  world.grants.add(person, { grantId: "a2", clientName: "Second" });
  world.grants.add(otherPerson, { grantId: "b1", clientName: "Foreign" });
  const cookie = await world.cookieOf();
  return { world, cookie, page: await world.get(cookie) };
}

describe("the sign-in", () => {
  it.each([
    ["none", undefined],
    ["one that nobody has", `__Host-gateway-connections=${"A".repeat(43)}`],
  ])(
    verifies("gateway.connections.sign-in", "is asked for, and fresh, with %s for a session"),
    async (_, cookie) => {
      const world = new World();
      const answer = await world.get(cookie);
      expect([answer.status, answer.headers.location]).toEqual([
        303,
        "https://login.example/?prompt=login",
      ]);
      expect(answer.headers["set-cookie"]).toBe("__Host-s=1");
      expect(world.begun).toEqual([{ kind: "connections" }]);
    },
  );

  it(
    verifies("gateway.connections.session", "is followed by a session of ten minutes"),
    async () => {
      const world = new World();
      const answer = await world.signedIn();
      expect([answer.status, answer.headers.location]).toEqual([303, `${ownIssuer}/connections`]);
      expect(answer.headers["set-cookie"]).toMatch(
        /^__Host-gateway-connections=[\w-]{43}; Max-Age=600; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
      );
      expect(answer.headers["cache-control"]).toBe("no-store");
    },
  );

  it(
    verifies("gateway.connections.session", "leaves nothing that opens it in the store"),
    async () => {
      const world = new World();
      const [, secret = "-"] = (await world.cookieOf()).split("=");
      const stored = JSON.stringify(world.memory.documents());
      expect(stored).toContain(person);
      expect(stored).not.toContain(secret);
      expect(JSON.stringify(world.lines)).not.toContain(secret);
    },
  );

  it(verifies("gateway.connections.session", "is good for ten minutes, used or not"), async () => {
    const { world, cookie } = await setUp();
    world.clock.advance(9 * minute);
    expect((await world.get(cookie)).status).toBe(200);
    world.clock.advance(minute);
    expect((await world.get(cookie)).status).toBe(303);
  });

  it(
    verifies("gateway.connections.session", "is known to an instance whose reads lag behind"),
    async () => {
      const { world, cookie } = await setUp();
      expect((await new World(world).get(cookie)).status).toBe(200);
    },
  );
});

describe("the page", () => {
  it(verifies("gateway.connections.list", "shows the person's connections alone"), async () => {
    const { page } = await setUp();
    const text = textOf(page);
    expect(text).toMatch(/First.*Second/);
    expect(text).not.toContain("Foreign");
    expect(text).toContain("Domain client.example");
    expect(text).toContain("Where it returns to https://client.example/callback Connected");
    expect(text).toContain("Connected since 1 November 2026 at 09:05 UTC");
    expect(text).toContain("Last used 21 November 2026 at 11:30 UTC");
    expect(text).toContain(
      "Ends by itself 30 January 2027 at 09:05 UTC, or earlier if it is not used for 14 days",
    );
    expect(text).toContain("ask you to sign in again");
    expect(text).toContain("within ten seconds");
    expect(formsOf(page).map(({ deed }) => deed)).toEqual(["end", "end", "end-all", "sign-out"]);
  });

  it(verifies("gateway.connections.list", "has the one that was used last first"), async () => {
    const { world, cookie } = await setUp();
    world.grants.add(person, { grantId: "a3", clientName: "Latest", lastUsed: world.clock.now() });
    expect(textOf(await world.get(cookie))).toMatch(/Latest.*First.*Second/);
  });

  it(verifies("gateway.connections.list", "says that there is none"), async () => {
    const world = new World();
    const page = await world.get(await world.cookieOf());
    expect(textOf(page)).toContain("No application is connected to Expenses in your name.");
    expect(formsOf(page).map(({ deed }) => deed)).toEqual(["sign-out"]);
  });

  it(
    verifies("gateway.connections.list", "shows what a client says of itself as text"),
    async () => {
      const world = new World();
      const hostile = `"><script>alert(1)</script>`;
      const grantId = "a1";
      world.grants.add(person, {
        ...{ grantId, clientName: hostile, clientDomain: undefined },
        redirectUri: "http://127.0.0.1/<b>",
      });
      const cookie = await world.cookieOf();
      const page = await world.get(cookie);
      const done = await world.post(formOf(page, "end", grantId), cookie);
      for (const { body } of [page, done]) expect(String(body)).not.toMatch(/<script|<b>/);
      expect(textOf(page)).toContain("Domain None");
      expect(textOf(done)).toContain("&lt;script&gt;alert(1)&lt;/script&gt; has ended.");
    },
  );

  it(
    verifies("gateway.connections.framing", "is framed by nobody, and kept by no cache"),
    async () => {
      const { page } = await setUp();
      expect(page.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
      expect(page.headers).toMatchObject({
        "x-frame-options": "DENY",
        "cache-control": "no-store",
      });
    },
  );
});

describe("a form of the page", () => {
  it(verifies(["gateway.connections.end", "gateway.connections.audited"], "ends one"), async () => {
    const { world, cookie, page } = await setUp();
    const answer = await world.post(formOf(page, "end", "a1"), cookie);
    expect(textOf(answer)).toContain("The connection of First has ended.");
    expect(formsOf(answer).map(({ connection }) => connection)).not.toContain("a1");
    expect(world.grants.ended).toEqual([{ grantId: "a1", why: "connection-ended" }]);
    expect(textOf(await world.get(cookie))).toMatch(/Second/);
    expect(world.audited()).toEqual([
      {
        level: "info",
        event: "audit.gateway-connection-ended",
        outcome: "success",
        got: "connection-ended",
        objectId: person,
        clientId: "https://client.example/a1.json",
        correlationId: "invocation",
        durationMilliseconds: 0,
      },
    ]);
  });

  it(verifies(["gateway.connections.end", "gateway.connections.audited"], "ends all"), async () => {
    const { world, cookie, page } = await setUp();
    const answer = await world.post(formOf(page, "end-all"), cookie);
    expect(textOf(answer)).toMatch(/2 connections have ended\..*No application is connected/);
    expect(world.grants.ended.map(({ grantId }) => grantId)).toEqual(["a1", "a2"]);
    expect(world.audited().map(({ clientId }) => clientId)).toHaveLength(2);
    expect(world.grants.kept.get(otherPerson)).toHaveLength(1);
  });

  it(verifies("gateway.connections.end", "signs out, on every instance"), async () => {
    const { world, cookie, page } = await setUp();
    const answer = await world.post(formOf(page, "sign-out"), cookie);
    expect(textOf(answer)).toContain("You are signed out of this page.");
    expect(answer.headers["set-cookie"]).toMatch(
      /^__Host-gateway-connections=; Max-Age=0; Path=\//,
    );
    expect((await world.get(cookie)).status).toBe(303);
    expect((await world.post(formOf(page, "end", "a1"), cookie)).status).toBe(403);
    expect(world.grants.ended).toEqual([]);
  });

  it(verifies("gateway.connections.end", "finds nothing to end a second time"), async () => {
    const { world, cookie, page } = await setUp();
    const form = formOf(page, "end", "a1");
    await world.post(form, cookie);
    const again = await world.post(form, cookie);
    expect([again.status, textOf(again)]).toEqual([404, expect.stringContaining("No such")]);
    expect(world.grants.ended).toHaveLength(1);
  });

  it.each([
    ["without a session", async () => undefined],
    ["with a session that nobody has", async () => "__Host-gateway-connections=x"],
    [
      "in a session that is over",
      async (world: World, cookie: string) => {
        world.clock.advance(10 * minute);
        return cookie;
      },
    ],
  ])(verifies("gateway.connections.forms", "does nothing %s"), async (_, cookieFor) => {
    const { world, cookie, page } = await setUp();
    const answer = await world.post(formOf(page, "end", "a1"), await cookieFor(world, cookie));
    expect([answer.status, textOf(answer)]).toEqual([
      403,
      expect.stringContaining("Nothing has been changed"),
    ]);
    expect(world.grants.ended).toEqual([]);
  });

  it.each([
    [
      "of another person's page",
      async (world: World) =>
        formOf(await world.get(await world.cookieOf(otherPerson)), "end", "b1"),
    ],
    [
      "of another session of the same person",
      async (world: World) => formOf(await world.get(await world.cookieOf()), "end", "a1"),
    ],
    [
      "for another connection",
      async (_: World, form: Record<string, string>) => ({ ...form, connection: "a2" }),
    ],
    [
      "for another person's connection",
      async (_: World, form: Record<string, string>) => ({ ...form, connection: "b1" }),
    ],
    [
      "for something else",
      async (_: World, form: Record<string, string>) => ({ ...form, deed: "end-all" }),
    ],
    [
      "for something that there is not",
      async (_: World, form: Record<string, string>) => ({ ...form, deed: "other" }),
    ],
    [
      "without its handle",
      async (_: World, { handle: _handle, ...form }: Record<string, string>) => form,
    ],
    [
      "with a handle that is made up",
      async (_: World, form: Record<string, string>) => ({ ...form, handle: "A".repeat(40) }),
    ],
    ["that cannot be read", async () => undefined],
  ] as const)(
    verifies("gateway.connections.forms", "does nothing if it is %s, and is on record"),
    async (_, change) => {
      const { world, cookie, page } = await setUp();
      const form = await change(world, formOf(page, "end", "a1"));
      const answer = await world.post(form, cookie);
      expect([answer.status, textOf(answer)]).toEqual([
        403,
        expect.stringContaining("Nothing has been changed"),
      ]);
      expect(world.grants.ended).toEqual([]);
      expect(world.audited()).toMatchObject([
        { event: "audit.gateway-connection-ended", outcome: "refused", objectId: person },
      ]);
    },
  );
});

describe("where something is out of reach", () => {
  it(verifies("gateway.connections.outage", "the page says so"), async () => {
    const { world, cookie } = await setUp();
    const answers = [];
    world.storeFails = true;
    answers.push(await world.get(cookie), await world.signedIn());
    world.storeFails = false;
    world.grants.fail = () => unavailable;
    answers.push(await world.get(cookie));
    world.signInFailure = { kind: "keys", reason: { kind: "unavailable", cause: "out" } };
    answers.push(await world.get());
    for (const answer of answers) {
      expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "10"]);
      expect(textOf(answer)).toContain("cannot be shown right now");
      expect(String(answer.body)).not.toContain("ECONNREFUSED");
    }
    const failures = world.lines.filter(({ event }) => event === "gateway.connections-failed");
    expect(failures.map(({ reason }) => reason)).toEqual([
      ...["store-unavailable", "store-unavailable", "store-unavailable", "keys-unavailable"],
    ]);
  });

  it(verifies("gateway.connections.outage", "keys for the forms included"), async () => {
    const world = new World();
    world.keyStorage.readsOut = true;
    const answer = await world.get(await world.cookieOf());
    expect(answer.status).toBe(503);
    expect(world.lines.at(-1)).toMatchObject({ reason: "keys-unavailable" });
  });

  it(verifies("gateway.connections.outage", "nothing is said to have ended"), async () => {
    const { world, cookie, page } = await setUp();
    const form = formOf(page, "end", "a1");
    world.storeFails = true;
    const noSession = await world.post(form, cookie);
    world.storeFails = false;
    world.grants.fail = (call) => (call === "list" ? unavailable : undefined);
    const noList = await world.post(form, cookie);
    for (const answer of [noSession, noList]) {
      expect([answer.status, textOf(answer)]).toEqual([
        503,
        expect.stringContaining("Nothing has been changed."),
      ]);
    }
    expect(world.grants.ended).toEqual([]);
    expect(cookieOf(noList)).toBe("");
  });

  it(
    verifies(
      ["gateway.connections.outage", "gateway.connections.audited"],
      "what has ended is on record, and what has not can be ended later",
    ),
    async () => {
      const { world, cookie, page } = await setUp();
      const form = formOf(page, "end-all");
      world.grants.fail = (call, grantId) =>
        call === "end" && grantId === "a2" ? unavailable : undefined;
      const answer = await world.post(form, cookie);
      expect([answer.status, textOf(answer)]).toEqual([
        503,
        expect.stringContaining("end what is still there"),
      ]);
      expect(world.audited()).toMatchObject([
        { outcome: "success", clientId: "https://client.example/a1.json" },
        { outcome: "failed", clientId: "https://client.example/a2.json" },
      ]);
      world.grants.fail = () => undefined;
      expect(textOf(await world.post(form, cookie))).toContain(
        "The connection of Second has ended",
      );
    },
  );
});
