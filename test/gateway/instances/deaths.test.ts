import { beforeAll, describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { ConnectionBroken, type Death, Life } from "./life.ts";
import {
  Browser,
  call,
  type Http,
  refresh,
  revoke,
  type Session,
  signInBy,
  statusOfCall,
} from "./outside.ts";
import { type Instance, second, World } from "./world.ts";

/*
 * A new instance is killed at each of its steps in turn, before or after that takes place: each call to the
 * database, to the storage of keys and to Entra. Another, over the same store, is what is left.
 */
let world: World;
let survivor: Instance;
/** A third one, which has seen nothing of what the others do. */
let witness: Instance;
/** Of the one client, which has registered itself. */
let clientId: string;

beforeAll(async () => {
  world = new World();
  survivor = await world.start();
  witness = await world.start({ staleReads: 1 });
  ({ clientId } = await signInBy(survivor.fetch));
});

const signIn = (http: Http) => signInBy(http, { clientId });

/** How a way went on an instance that was to die at some step. */
type End<Done> = { readonly done: Done } | "died";

/**
 * Has `work` done on instances that die at each of its steps, and `judge` look at what is left.
 *
 * @param prepare what is there before, on an instance that lives
 */
async function atEachStep<Prepared, Done>(
  prepare: (http: Http) => Promise<Prepared>,
  work: (http: Http, prepared: Prepared) => Promise<Done>,
  judge: (prepared: Prepared, end: End<Done>) => Promise<void>,
): Promise<void> {
  for (const death of ["before", "after"] satisfies Death[]) {
    for (let last = 1; ; last += 1) {
      const prepared = await prepare(survivor.fetch);
      const life = new Life(last, death);
      const dying = await world.start({ life });
      const end = await work(dying.fetch, prepared).then(
        (done) => ({ done }),
        (error: unknown) => {
          if (isDeath(error)) return "died" as const;
          throw error;
        },
      );
      await judge(prepared, end);
      if (life.steps < last) {
        expect(last, "it died at no step").toBeGreaterThan(1);
        break;
      }
    }
  }
  await canStartAgain();
}

/** Whoever signs in by a client's library sees it as the cause of something else. */
function isDeath(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error instanceof ConnectionBroken || isDeath(error.cause);
}

async function canStartAgain(): Promise<void> {
  const session = await signIn(survivor.fetch);
  expect(await statusOfCall(survivor.fetch, session)).toBe(200);
  await revoke(survivor.fetch, session);
}

/** Neither token brings anything, at whatever instance. */
async function isOver(session: Session): Promise<void> {
  world.clock.advance(10 * second);
  for (const { fetch: http } of [survivor, witness]) {
    expect((await refresh(http, session)).status).toBe(400);
    expect(await statusOfCall(http, session)).toBe(401);
  }
}

/** What has ended has, and what has not goes on, or is ended by doing it again. */
async function endsOnce(session: Session, again: (http: Http) => Promise<unknown>): Promise<void> {
  if (!world.hasEnded(session.accessToken)) await again(survivor.fetch);
  await isOver(session);
}

describe("an instance that is killed at any step", () => {
  it(verifies("gateway.instances.killed", "of a sign-in leaves nobody halfway"), async () => {
    const grants = () => world.memory.documents().filter(({ kind }) => kind === "grant").length;
    await atEachStep(
      async () => grants(),
      (http) => signInBy(http),
      async (before, end) => {
        // Of a sign-in that broke off there is one grant at most, with a code that goes by itself.
        expect(grants() - before).toBeLessThanOrEqual(1);
        if (end === "died") return canStartAgain();
        expect(await statusOfCall(survivor.fetch, end.done)).toBe(200);
      },
    );
  }, 60_000);

  it(verifies(
    "gateway.instances.killed",
    "of a sign-in lets the browser go on with another",
  ), async () => {
    await atEachStep(
      async () => {},
      // The browser asks again, and the instance that is left answers.
      (http) => signIn(retrying(http)),
      async (_prepared, end) => {
        if (end === "died") return canStartAgain();
        expect(await statusOfCall(survivor.fetch, end.done)).toBe(200);
      },
    );
  }, 60_000);

  it(verifies("gateway.instances.killed-refreshing", "of a refresh signs nobody out"), async () => {
    await atEachStep(signIn, refresh, async (session, end) => {
      if (end !== "died") expect(end.done.status).toBe(200);
      world.clock.advance(59 * second);
      const next = await refresh(survivor.fetch, session);
      expect(next.status).toBe(200);
      expect(await statusOfCall(survivor.fetch, next.session)).toBe(200);
      expect((await refresh(survivor.fetch, next.session)).status).toBe(200);
    });
  }, 60_000);

  it(verifies(
    "gateway.instances.killed",
    "of a refusal by Entra has ended the grant, or lets it go on",
  ), async () => {
    await atEachStep(
      signIn,
      async (http, session) => {
        world.entra.isRevoked = true;
        await refresh(http, session);
      },
      async (session) => {
        const hasEnded = world.hasEnded(session.accessToken);
        expect((await refresh(survivor.fetch, session)).status).toBe(400);
        world.entra.isRevoked = false;
        if (hasEnded) return isOver(session);
        expect(world.hasEnded(session.accessToken)).toBe(true);
      },
    );
  }, 60_000);

  const ends: Readonly<Record<string, (http: Http, session: Session) => Promise<unknown>>> = {
    "a revocation": revoke,
    "the end of a connection": (http) => new Browser(http).endConnections(),
    "an erasure": async (http, session) => (await call(http, session, "forget_me")).text(),
  };
  it.each(Object.entries(ends))(
    verifies("gateway.instances.killed", "of %s has ended the grant, or lets it be ended again"),
    async (_name, end) => {
      await atEachStep(signIn, end, (session) => endsOnce(session, (http) => end(http, session)));
    },
    60_000,
  );

  it(verifies(
    "gateway.instances.killed",
    "of a challenge never ends the grant without the demand",
  ), async () => {
    let demands = 0;
    await atEachStep(
      async (http) => {
        // The sign-in asks for what the call before has demanded, else this one met it again.
        const session = await signIn(http);
        expect(await statusOfCall(http, session)).toBe(200);
        return session;
      },
      async (http, { clientId, refreshToken, accessToken }) => {
        demands += 1;
        world.entra.demanded = `c${demands}`;
        // Another token of Entra's, for which nothing is known yet.
        const told = await refresh(http, { clientId, refreshToken, accessToken });
        return statusOfCall(http, told.session);
      },
      async (session, end) => {
        if (end !== "died") expect(end.done).toBe(401);
        // The next call meets it too.
        if (!world.hasEnded(session.accessToken)) {
          const told = await refresh(survivor.fetch, session);
          expect(await statusOfCall(survivor.fetch, told.session)).toBe(401);
        }
        await isOver(session);
        expect(world.grantOf(session.accessToken)?.why).toBe("sign-in-demanded");
      },
    );
    world.entra.demanded = undefined;
  }, 60_000);
});

/** A network that asks the instance that is left once the one that was asked has died. */
function retrying(http: Http): Http {
  return async (input, init) => {
    const [first, second] = input instanceof Request ? [input, input.clone()] : [input, input];
    try {
      return await http(first, init);
    } catch (error) {
      if (!isDeath(error)) throw error;
      const path = new URL(input instanceof Request ? input.url : input).pathname;
      const answer = await survivor.fetch(second, init);
      // What works once is used up where nobody saw its answer: then the person starts again.
      const isUsedUp = answer.status === 400 && /\/(?:callback|token)$/.test(path);
      if (isUsedUp) throw error;
      return answer;
    }
  };
}
