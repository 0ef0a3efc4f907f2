import fc from "fast-check";
import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import { SignInError } from "../../../local/pick-account.ts";
import { verifies } from "../../requirements.ts";
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
  type Told,
} from "./outside.ts";
import { type Instance, minute, second, World } from "./world.ts";

/*
 * People, their clients and a thief do anything in any order and at once, each request at any of the
 * instances, which have caches of their own and see late what the others write.
 */
const deeds = [
  ...(["sign-in", "sign-in", "sign-in", "call", "refresh", "refresh", "refresh"] as const),
  ...(["refresh-at-once", "older-token", "redeem-at-once", "code-again"] as const),
  ...(["revoke", "end-on-page", "forget", "challenge", "entra-refuses"] as const),
] as const;
const rounds = fc.array(
  fc.record({
    deeds: fc.array(
      fc.record({
        what: fc.constantFrom(...deeds),
        /** Whose, counted from the client that has signed in last. */
        which: fc.constantFrom(0, 0, 0, 1, 2),
        /** At which instance each of its requests arrives, over and over. */
        route: fc.array(fc.nat({ max: 1 }), { minLength: 1, maxLength: 9 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    /** How much later the next round is. */
    wait: fc.constantFrom(0, 0, second, 10 * second, 59 * second, minute, 9 * minute),
  }),
  { minLength: 3, maxLength: 7 },
);

/** A client with all that it has been given. */
interface Client {
  /** With the access token that came last. */
  session: Session;
  /** What it redeemed its code with. */
  readonly redemption: Readonly<Record<string, string>>;
  /** In the order in which they came. */
  readonly refreshTokens: string[];
}

/** One run: what has happened, and what is not to happen. */
class Run {
  readonly world = new World();
  readonly clients: Client[] = [];
  readonly instances: Instance[] = [];
  /** What each refresh token brought when it was used, and when that was first. */
  readonly #successors = new Map<string, { readonly token: string; readonly at: number }>();
  /** When each access token's grant was first seen to have ended. */
  readonly #ends = new Map<string, number>();

  /** The network in which each request arrives at the next instance of the route. */
  by(route: readonly number[]): Http {
    let requests = 0;
    return (input, init) => {
      const instance = this.instances[route[requests % route.length] ?? 0];
      requests += 1;
      if (!instance) throw new Error("There is no such instance.");
      return instance.fetch(input, init);
    };
  }

  /** Has a further client sign its person in. */
  async signIn(http: Http, known?: Client): Promise<Client> {
    let redemption: Client["redemption"] = {};
    const noting: Http = (input, init) => {
      if (isRedemption(init)) redemption = Object.fromEntries(init.body);
      return http(input, init);
    };
    const clientId = known && { clientId: known.session.clientId };
    const session = await signInBy(noting, clientId);
    const client = { session, redemption, refreshTokens: [session.refreshToken] };
    this.clients.push(client);
    return client;
  }

  /** A refresh, whose answer the client keeps. */
  async refresh(
    client: Client,
    http: Http,
    presented = client.session.refreshToken,
  ): Promise<Told> {
    const { session } = client;
    const wasOver = this.world.hasEnded(session.accessToken);
    const used = this.#successors.get(presented);
    const told = await refresh(http, { ...session, refreshToken: presented });
    expect([200, 400, 503]).toContain(told.status);
    if (told.status !== 200) return told;
    expect(wasOver, "tokens of a grant that had ended").toBe(false);
    const { refreshToken } = told.session;
    const now = this.world.clock.now();
    if (used) expect(now - used.at, "a refresh token used late").toBeLessThan(minute);
    const { token } = this.#successors.get(presented) ?? { token: refreshToken };
    expect(refreshToken, "a second successor").toBe(token);
    if (!used) this.#successors.set(presented, { token: refreshToken, at: now });
    if (!client.refreshTokens.includes(refreshToken)) client.refreshTokens.push(refreshToken);
    client.session = told.session;
    return told;
  }

  /** A call, which lets in nobody whose grant has ended ten seconds ago, and nobody else out. */
  async call({ session }: Client, http: Http): Promise<number> {
    const status = await statusOfCall(http, session);
    const endedAt = this.#ends.get(session.accessToken) ?? Number.POSITIVE_INFINITY;
    const now = this.world.clock.now();
    if (status === 200) expect(now - endedAt, "let in late").toBeLessThan(10 * second);
    if (status === 401) {
      const { exp = 0 } = decodeJwt(session.accessToken);
      expect(this.world.hasEnded(session.accessToken) || exp * 1000 <= now).toBe(true);
    }
    return status;
  }

  /** Time passes, after which every instance sees what has been written. */
  wait(milliseconds: number): void {
    for (const { session } of this.clients) {
      const { accessToken } = session;
      if (this.world.hasEnded(accessToken) && !this.#ends.has(accessToken)) {
        this.#ends.set(accessToken, this.world.clock.now());
      }
    }
    this.world.clock.advance(milliseconds);
    if (milliseconds > 0) for (const { view } of this.instances) view.catchUp();
  }
}

function isRedemption(init?: RequestInit): init is { body: URLSearchParams } {
  return init?.body instanceof URLSearchParams && init.body.has("code");
}

type Deed = (run: Run, client: Client, http: Http, isAlone: boolean) => Promise<unknown>;

const doing: Readonly<Record<(typeof deeds)[number], Deed>> = {
  "sign-in": async (run, _client, http, isAlone) => {
    try {
      await run.signIn(http);
    } catch (error) {
      // Somebody may have ended all that the person has while they signed in.
      if (isAlone || !(error instanceof SignInError)) throw error;
    }
  },
  call: (run, client, http) => run.call(client, http),
  refresh: async (run, client, http, isAlone) => {
    const isOver = run.world.hasEnded(client.session.accessToken);
    const { status } = await run.refresh(client, http);
    if (isAlone) expect(status).toBe(isOver ? 400 : 200);
  },
  "refresh-at-once": (run, client, http) =>
    Promise.all([0, 1, 2].map(() => run.refresh(client, http))),
  "older-token": (run, client, http) =>
    run.refresh(client, http, client.refreshTokens.at(-2) ?? client.refreshTokens[0]),
  "redeem-at-once": async (run, client, http) => {
    let redeemed = 0;
    const twice: Http = async (input, init) => {
      if (!isRedemption(init)) return http(input, init);
      const answers = await Promise.all(run.instances.map((each) => each.fetch(input, init)));
      redeemed = answers.filter(({ status }) => status === 200).length;
      return answers.find(({ status }) => status === 200) ?? new Response(null, { status: 400 });
    };
    await run.signIn(twice, client).catch(() => {});
    expect(redeemed).toBeLessThanOrEqual(1);
  },
  "code-again": async (_run, client, http) => {
    expect((await post(http, "token", client.redemption)).status).not.toBe(200);
  },
  revoke: async (run, client, http) => {
    const status = await revoke(http, client.session);
    if (status === 200) expect(run.world.hasEnded(client.session.accessToken)).toBe(true);
  },
  "end-on-page": async (_run, _client, http) => {
    expect([200, 404, 503]).toContain((await new Browser(http).endConnections()).status);
  },
  forget: async (run, client, http) => {
    const before = run.clients.map(({ session }) => session.accessToken);
    const answer = await call(http, client.session, "forget_me");
    if (!(await answer.text()).includes('"ended":')) return;
    for (const accessToken of before) expect(run.world.hasEnded(accessToken)).toBe(true);
  },
  challenge: async (run, client, http) => {
    run.world.entra.demanded = `c${run.clients.length}`;
    await run.refresh(client, http);
    await run.call(client, http);
  },
  "entra-refuses": async (run, client, http) => {
    run.world.entra.isRevoked = true;
    await run.refresh(client, http);
    run.world.entra.isRevoked = false;
  },
};

describe("two instances over one store, with every step at either", () => {
  it(verifies(
    ["gateway.instances", "gateway.instances.start-again"],
    "give nothing twice, nothing after the end, and let the person start again",
  ), async () => {
    await fc.assert(
      fc.asyncProperty(rounds, async (all) => {
        const run = new Run();
        for (const staleReads of [1, 2]) run.instances.push(await run.world.start({ staleReads }));
        await run.signIn(run.by([0, 1]));
        for (const { deeds: together, wait } of all) {
          await Promise.all(
            together.map(async ({ what, which, route }) => {
              const client = run.clients.at(-1 - which) ?? run.clients[0];
              if (client) await doing[what](run, client, run.by(route), together.length === 1);
            }),
          );
          run.wait(wait);
        }
        await judge(run);
      }),
      { numRuns: 12 },
    );
  }, 120_000);
});

/** What has to hold at the end, whatever there was. */
async function judge(run: Run): Promise<void> {
  const { world, instances } = run;
  world.entra.demanded = undefined;
  run.wait(10 * second);
  for (const client of run.clients) {
    if (world.hasEnded(client.session.accessToken)) {
      for (const { fetch: http } of instances) {
        for (const token of client.refreshTokens) {
          expect((await run.refresh(client, http, token)).status).toBe(400);
        }
        expect(await run.call(client, http)).toBe(401);
      }
      continue;
    }
    // All that come at once end with a token that lets them in everywhere.
    const many = [0, 1, 0, 1].map((index) => run.by([index]));
    const { refreshToken } = client.session;
    const told = await Promise.all(many.map((http) => run.refresh(client, http, refreshToken)));
    for (const [index, http] of many.entries()) {
      const { session } =
        told[index]?.status === 200
          ? client
          : await run.refresh(client, http, refreshToken).then(() => client);
      expect(await statusOfCall(http, session)).toBe(200);
    }
  }
  const again = await run.signIn(run.by([1, 0]));
  for (const { fetch: http } of instances) expect(await run.call(again, http)).toBe(200);

  // A token that comes late is held by two.
  const [first = ""] = again.refreshTokens;
  expect((await run.refresh(again, run.by([0]))).status).toBe(200);
  run.wait(minute);
  expect((await run.refresh(again, run.by([1]), first)).status).toBe(400);
  expect(world.hasEnded(again.session.accessToken)).toBe(true);

  // An erasure ends what another instance has made a moment before.
  const eraser = await run.signIn(run.by([1]));
  instances[1]?.view.lag();
  const connected = await run.signIn(run.by([0]));
  await doing.forget(run, eraser, run.by([1]), true);
  expect(world.hasEnded(connected.session.accessToken)).toBe(true);
}
