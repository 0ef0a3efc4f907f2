import { beforeEach, describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import {
  client,
  errorOf,
  Instance,
  invalidGrant,
  minute,
  oid,
  type Tokens,
  tokensOf,
  unavailable,
  World,
} from "./world.ts";

let world: World;
let instance: Instance;
let tokens: Tokens;
beforeEach(async () => {
  world = new World();
  instance = new Instance(world);
  tokens = await instance.signedIn();
  world.lines.length = 0;
});

async function isOver({ accessToken, refreshToken }: Tokens): Promise<boolean> {
  const isIn = (await instance.verify(accessToken)).ok;
  const { status } = await instance.refresh(refreshToken);
  expect(status === 200).toBe(isIn);
  return !isIn;
}

/** The token with another character in its tag or signature. */
function changed(token: string): string {
  return `${token.slice(0, -10)}${token.at(-10) === "A" ? "B" : "A"}${token.slice(-9)}`;
}

describe("revocation", () => {
  it(verifies("gateway.revoked", "of a refresh token ends all of the grant, at once"), async () => {
    expect((await instance.verify(tokens.accessToken)).ok).toBe(true);
    const told = await instance.revoke(tokens.refreshToken);
    expect([told.status, told.headers["cache-control"]]).toEqual([200, "no-store"]);
    expect(await isOver(tokens)).toBe(true);
    expect(world.audited()[0]).toEqual({
      event: "audit.gateway-revocation",
      outcome: "success",
      objectId: oid,
      clientId: client.id,
      correlationId: "invocation-1",
    });
  });

  it(verifies("gateway.revoked", "of an access token ends all of the grant"), async () => {
    expect((await instance.revoke(tokens.accessToken)).status).toBe(200);
    expect(await isOver(tokens)).toBe(true);
  });

  it(verifies("gateway.revoked", "of a refresh token that was replaced ends it too"), async () => {
    const next = tokensOf(await instance.refresh(tokens.refreshToken));
    const last = tokensOf(await instance.refresh(next.refreshToken));
    expect((await instance.revoke(tokens.refreshToken)).status).toBe(200);
    expect(await isOver(last)).toBe(true);
  });

  it(verifies("gateway.revoked", "ends no other grant of the person"), async () => {
    const others = await instance.signedIn();
    await instance.revoke(tokens.refreshToken);
    expect(await isOver(others)).toBe(false);
  });

  it.each(["refresh_token", "access_token", "something_else"])(
    verifies("gateway.revoked", "does not depend on the hint %s"),
    async (hint) => {
      const told = await instance.revoke(tokens.refreshToken, { token_type_hint: hint });
      expect(told.status).toBe(200);
      expect(await isOver(tokens)).toBe(true);
    },
  );

  it(
    verifies(
      "gateway.revoked.unknown",
      "of what is no token of ours is answered 200, and ends nothing",
    ),
    async () => {
      const { refreshToken, accessToken } = tokens;
      const unknown = [
        "anything",
        changed(refreshToken),
        changed(accessToken),
        await instance.begin(),
      ];
      for (const text of unknown) expect((await instance.revoke(text)).status).toBe(200);
      expect(world.audited()).toMatchObject(
        unknown.map(() => ({ outcome: "refused", reason: "unknown-token" })),
      );
      expect(await isOver(tokens)).toBe(false);
    },
  );

  it(verifies("gateway.revoked.unknown", "twice is answered 200 twice"), async () => {
    for (const reason of [undefined, "already-ended"]) {
      expect((await instance.revoke(tokens.refreshToken)).status).toBe(200);
      expect(world.audited().at(-1)).toMatchObject(reason ? { reason } : { outcome: "success" });
    }
  });

  it(
    verifies("gateway.revoked.unknown", "of an access token past its time ends nothing"),
    async () => {
      world.clock.advance(10 * minute);
      expect((await instance.revoke(tokens.accessToken)).status).toBe(200);
      expect((await instance.refresh(tokens.refreshToken)).status).toBe(200);
    },
  );

  it(
    verifies("gateway.revoked.bound", "by another client is refused, and ends nothing"),
    async () => {
      for (const text of [tokens.refreshToken, tokens.accessToken]) {
        expect(errorOf(await instance.revoke(text, { client_id: "other" }))).toEqual(invalidGrant);
      }
      expect(await isOver(tokens)).toBe(false);
    },
  );

  it(
    verifies("gateway.revoked.request", "needs the token and the client, and no credentials"),
    async () => {
      const { refreshToken } = tokens;
      const without = [
        await instance.revoke(refreshToken, { token: undefined }),
        await instance.revoke(refreshToken, { client_id: undefined }),
      ];
      for (const told of without) expect(errorOf(told)).toEqual([400, "invalid_request"]);
      const withSecret = await instance.revoke(refreshToken, { client_secret: "secret" });
      expect(errorOf(withSecret)).toEqual([400, "invalid_client"]);
      const withHeader = await instance.revoke(refreshToken, {}, true);
      expect(errorOf(withHeader)).toEqual([401, "invalid_client"]);
      expect(await isOver(tokens)).toBe(false);
    },
  );

  it(
    verifies("gateway.revoked.unavailable", "is answered 503 where it cannot be done"),
    async () => {
      const failing = new Instance(world, {
        before: () => {
          throw Object.assign(new Error("down"), { code: "ECONNREFUSED" });
        },
      });
      for (const text of [tokens.refreshToken, tokens.accessToken]) {
        expect(errorOf(await failing.revoke(text))).toEqual(unavailable);
      }
      expect(world.audited()).toMatchObject(
        Array(2).fill({ outcome: "failed", reason: "store-unavailable" }),
      );
      expect(await isOver(tokens)).toBe(false);
    },
  );
});
