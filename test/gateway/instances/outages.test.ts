import { beforeEach, describe, expect, it } from "vitest";
import { claimsWith, sign } from "../../gates/tokens.ts";
import { verifies } from "../../requirements.ts";
import { host } from "../../support/composed.ts";
import { issuer, resource } from "../composed-gateway.ts";
import {
  Browser,
  call,
  type Http,
  post,
  refresh,
  revoke,
  type Session,
  signInBy,
  statusOfCall,
} from "./outside.ts";
import { type Instance, minute, second, World } from "./world.ts";

let world: World;
let instance: Instance;
let session: Session;

beforeEach(async () => {
  world = new World();
  instance = await world.start();
  session = await signInBy(instance.fetch);
  // What this instance holds of the grant is too old to be relied on.
  world.clock.advance(10 * second);
});

/** What an endpoint answers: its status, and whether it says when to come again. */
async function shown(response: Response): Promise<string> {
  const seconds = Number(response.headers.get("retry-after"));
  const text = await response.text();
  const isPage = response.headers.get("content-type")?.startsWith("text/html") ?? false;
  if (response.status === 503 && isPage) expect(text).toMatch(/right now|in a minute/);
  return `${response.status}${seconds > 0 ? ", come again" : ""}`;
}

const unavailable = "503, come again";

/** All that clients and browsers ask for, by what it is, with what has to be there at first. */
async function answersOf(http: Http, { clientId, refreshToken, accessToken }: Session) {
  const authorize = new URL(`${issuer}/authorize`);
  authorize.search = String(
    new URLSearchParams({
      ...{ response_type: "code", client_id: clientId, redirect_uri: "http://127.0.0.1/signed-in" },
      ...{ code_challenge: "x".repeat(43), code_challenge_method: "S256", resource, state: "s" },
    }),
  );
  const form = { grant_type: "refresh_token", refresh_token: refreshToken, client_id: clientId };
  const registration = {
    redirect_uris: ["http://127.0.0.1/x"],
    token_endpoint_auth_method: "none",
  };
  const answers = {
    authorize: await http(authorize),
    callback: await http(`${issuer}/callback?state=unknown&code=unknown`),
    refresh: await post(http, "token", form),
    revoke: await post(http, "revoke", { token: refreshToken, client_id: clientId }),
    connections: await http(`${issuer}/connections`),
    register: await http(`${issuer}/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(registration),
    }),
    jwks: await http(`${issuer}/jwks`),
    call: await call(http, { accessToken }),
  };
  const entries = Object.entries(answers).map(async ([name, answer]) => [
    name,
    await shown(answer),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

async function readiness({ app }: Instance): Promise<unknown> {
  world.clock.advance(10 * second);
  const request = new Request(`https://${host}/health/ready`);
  const answer = await app.readiness(request, { id: "invocation", log: () => {} });
  return { http: answer.status, ...JSON.parse(await answer.text()) };
}

/** With a token of Entra's own, as its clients come. */
async function statusAtMcp({ app, fetch: http }: Instance): Promise<number> {
  const now = Math.floor(world.clock.now() / 1000);
  const accessToken = await sign(app.key, claimsWith({ iat: now, nbf: now, exp: now + 600 }));
  const response = await call(
    (input, init) => {
      const asked = new Request(input, init);
      return http(new Request(`https://${host}/mcp`, asked));
    },
    { accessToken },
  );
  await response.text();
  return response.status;
}

/** All is as it was before the outage. */
async function isWhole(): Promise<void> {
  const told = await refresh(instance.fetch, session);
  expect(told.status).toBe(200);
  expect(await statusOfCall(instance.fetch, told.session)).toBe(200);
}

describe("while the database", () => {
  it.each(["out", "throttled"] as const)(
    verifies("gateway.outages.database", "is %s, everything that needs it says to come again"),
    async (outage) => {
      world.outages.database = outage;
      expect(await answersOf(instance.fetch, session)).toEqual({
        authorize: unavailable,
        callback: unavailable,
        refresh: unavailable,
        revoke: unavailable,
        connections: unavailable,
        register: unavailable,
        jwks: "200",
        call: unavailable,
      });
      expect(await statusAtMcp(instance)).toBe(200);
      world.outages.database = "reached";
      await isWhole();
    },
  );

  it(verifies("gateway.outages.database", "is out, a call is served for ten seconds"), async () => {
    expect(await statusOfCall(instance.fetch, session)).toBe(200);
    world.outages.database = "out";
    world.clock.advance(9 * second);
    expect(await statusOfCall(instance.fetch, session)).toBe(200);
    world.clock.advance(second);
    expect((await call(instance.fetch, session)).status).toBe(503);
  });

  it(verifies("gateway.outages.readiness", "is out, the server is not ready"), async () => {
    expect(await readiness(instance)).toMatchObject({ http: 200 });
    world.outages.database = "out";
    expect(await readiness(instance)).toMatchObject({
      http: 503,
      dependencies: { gateway: "unavailable", storage: "ok", entra: "ok" },
    });
    world.outages.database = "reached";
    expect(await readiness(instance)).toMatchObject({ http: 200 });
  });
});

describe("while the storage of keys is out of reach", () => {
  beforeEach(() => {
    world.outages.keys = "out";
  });

  it(verifies("gateway.outages.keys", "an instance that has them goes on"), async () => {
    world.clock.advance(20 * minute);
    session = (await refresh(instance.fetch, session)).session;
    expect(await statusOfCall(instance.fetch, session)).toBe(200);
    expect(await statusOfCall(instance.fetch, await signInBy(instance.fetch))).toBe(200);
    expect(await readiness(instance)).toMatchObject({
      http: 503,
      dependencies: { storage: "unavailable", gateway: "ok" },
    });
  });

  it(verifies("gateway.outages.keys", "a new instance says to come again"), async () => {
    const fresh = await world.start();
    expect(await answersOf(fresh.fetch, session)).toEqual({
      authorize: unavailable,
      // Nobody has begun it.
      callback: "400",
      refresh: unavailable,
      revoke: unavailable,
      connections: unavailable,
      // It takes no keys.
      register: "201",
      jwks: unavailable,
      call: unavailable,
    });
    expect(await statusAtMcp(fresh)).toBe(200);
    expect(await readiness(fresh)).toMatchObject({ dependencies: { gateway: "unavailable" } });
    world.outages.keys = "reached";
    world.clock.advance(minute);
    instance = fresh;
    await isWhole();
  });
});

describe("while Entra's token endpoint is down", () => {
  beforeEach(() => {
    world.entra.isDown = true;
  });

  it(verifies("gateway.outages.entra", "a refresh says to come again, calls go on"), async () => {
    const told = await refresh(instance.fetch, session);
    expect(told).toMatchObject({ status: 503, error: "temporarily_unavailable" });
    expect((await call(instance.fetch, session)).status).not.toBe(401);
    world.entra.isDown = false;
    await isWhole();
  });

  it(verifies("gateway.outages.entra", "a client is told to come again, and does"), async () => {
    const failed = signInBy(instance.fetch, { clientId: session.clientId });
    await expect(failed).rejects.toThrow("temporarily_unavailable");
    const page = await new Browser(instance.fetch).endConnections();
    expect(page.status).toBe(503);
    world.entra.isDown = false;
    const again = await signInBy(instance.fetch, { clientId: session.clientId });
    expect(await statusOfCall(instance.fetch, again)).toBe(200);
  });

  it(verifies("gateway.outages.entra", "what is given up can be given up"), async () => {
    expect(await revoke(instance.fetch, session)).toBe(200);
    expect(world.hasEnded(session.accessToken)).toBe(true);
  });
});
