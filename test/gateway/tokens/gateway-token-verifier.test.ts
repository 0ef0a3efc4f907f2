import { decodeJwt, decodeProtectedHeader, generateKeyPair, SignJWT } from "jose";
import { beforeEach, describe, expect, it } from "vitest";
import { accessTokenOf, type Caller } from "../../../src/core/caller.ts";
import { failure, type Result } from "../../../src/core/result.ts";
import type { TokenRejection } from "../../../src/gates/token-rejection.ts";
import { verifies } from "../../requirements.ts";
import { value } from "../../support/value.ts";
import { tenantId } from "../fake-entra.ts";
import {
  client,
  hour,
  Instance,
  issuer,
  minute,
  oid,
  resource,
  second,
  type Tokens,
  tokensOf,
  World,
} from "./world.ts";

let world: World;
let instance: Instance;
let tokens: Tokens;
beforeEach(async () => {
  world = new World();
  instance = new Instance(world);
  tokens = await instance.signedIn();
});

/** The token with other claims, header or key, signed as the server does. */
async function resigned(
  text: string,
  {
    claims = {},
    header = {},
    key,
  }: {
    readonly claims?: Readonly<Record<string, unknown>>;
    readonly header?: Readonly<Record<string, string>>;
    readonly key?: Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];
  },
): Promise<string> {
  const own = value(await instance.keys.signingKey());
  return new SignJWT({ ...decodeJwt(text), ...claims })
    .setProtectedHeader({ alg: "ES256", typ: "at+jwt", kid: own.id, ...header })
    .sign(key ?? own.privateKey);
}

function kindOf(result: Result<Caller, TokenRejection>): string {
  return result.ok ? "accepted" : result.reason.kind;
}

describe("an access token", () => {
  it(verifies("gateway.access.form", "is a JWT of RFC 9068 for ten minutes at most"), () => {
    expect(decodeProtectedHeader(tokens.accessToken)).toEqual({
      alg: "ES256",
      typ: "at+jwt",
      kid: expect.any(String),
    });
    const issuedAt = world.clock.now() / second;
    expect(decodeJwt(tokens.accessToken)).toEqual({
      iss: issuer,
      aud: resource,
      sub: oid,
      client_id: client.id,
      scope: "user_impersonation",
      iat: issuedAt,
      exp: issuedAt + 600,
      jti: expect.stringMatching(/^[\w-]{22}$/),
      grant_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      grant_version: 2,
      key_secret: expect.stringMatching(/^[\w-]{43}$/),
      wrapped_key: expect.any(String),
    });
  });

  it(
    verifies(
      "gateway.access.caller",
      "yields the caller that Entra's token names, through our client",
    ),
    async () => {
      const caller = value(await instance.verify(tokens.accessToken));
      expect({ ...caller }).toEqual({
        objectId: oid,
        tenantId,
        clientId: client.id,
        scopes: ["user_impersonation"],
        roles: ["Auditor"],
        handlesClaimsChallenges: true,
        expiresAt: world.clock.now() / second + 600,
        agent: undefined,
      });
      expect(accessTokenOf(caller)).toMatch(/^entra-access:/);
    },
  );

  it(verifies("gateway.access.expired", "is good until its time is up"), async () => {
    world.clock.advance(10 * minute - 1);
    expect(kindOf(await instance.verify(tokens.accessToken))).toBe("accepted");
    world.clock.advance(1);
    expect(await instance.verify(tokens.accessToken)).toEqual(
      failure({ kind: "expired", secondsAgo: 0 }),
    );
  });

  it(verifies("gateway.access.expired", "does not outlive Entra's"), async () => {
    world.entra.lifetime = 4 * minute;
    const told = await instance.redeem(await instance.begin());
    expect(told.content.expires_in).toBe(240);
    world.entra.lifetime = 3 * minute;
    const refreshed = await instance.refresh(tokensOf(told).refreshToken);
    expect(refreshed.content.expires_in).toBe(180);
  });

  it(verifies("gateway.access.upstream", "is judged with Entra's, as on /mcp"), async () => {
    world.entra.rejection = { kind: "agent-user", got: "agent" };
    expect(kindOf(await instance.verify(tokens.accessToken))).toBe("agent-user");
    world.entra.rejection = { kind: "key-set-unavailable", retryAfterSeconds: 3 };
    expect(kindOf(await instance.verify(tokens.accessToken))).toBe("key-set-unavailable");
  });

  it(
    verifies("gateway.token.allowed", "of a client that may no longer use the server is refused"),
    async () => {
      world.allowedClientIds = ["other"];
      expect(kindOf(await instance.verify(tokens.accessToken))).toBe("client-not-allowed");
    },
  );
});

describe("what is no access token of this server", () => {
  it.each([
    ["another issuer", { claims: { iss: `${issuer}/` } }, "wrong-issuer"],
    ["another audience", { claims: { aud: "https://mcp.example/mcp" } }, "wrong-audience"],
    ["no audience", { claims: { aud: undefined } }, "wrong-audience"],
    ["no end", { claims: { exp: undefined } }, "malformed-claim"],
    ["no grant", { claims: { grant_id: undefined } }, "malformed-claim"],
    ["no scope for this server", { claims: { scope: "openid" } }, "missing-scope"],
    ["the type of an id token", { header: { typ: "JWT" } }, "unsupported-type"],
    ["another algorithm", { header: { alg: "ES384" } }, "unsupported-algorithm"],
  ] as const)(verifies("gateway.access.refused", "has %s"), async (_what, change, kind) => {
    const text =
      "header" in change
        ? withHeader(tokens.accessToken, change.header)
        : await resigned(tokens.accessToken, change);
    expect(kindOf(await instance.verify(text))).toBe(kind);
  });

  it(verifies("gateway.access.refused", "is signed by somebody else, or by nobody"), async () => {
    const { privateKey } = await generateKeyPair("ES256");
    const foreign = await resigned(tokens.accessToken, { key: privateKey });
    expect(kindOf(await instance.verify(foreign))).toBe("bad-signature");
    const unknown = await resigned(tokens.accessToken, { key: privateKey, header: { kid: "x" } });
    expect(kindOf(await instance.verify(unknown))).toBe("unknown-key");
    const [, claims] = tokens.accessToken.split(".");
    for (const header of [
      { alg: "none", typ: "at+jwt" },
      { alg: "HS256", typ: "at+jwt" },
    ]) {
      const text = `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${claims}.`;
      expect(kindOf(await instance.verify(text))).toMatch(
        /^(unsupported-algorithm|malformed-token)$/,
      );
    }
  });

  it(verifies("gateway.access.refused", "is one of the other kinds"), async () => {
    const upstream = world.entra.signIn(oid);
    for (const text of [tokens.refreshToken, await instance.begin(), upstream.accessToken, ""]) {
      expect(kindOf(await instance.verify(text))).toBe("malformed-token");
    }
  });

  it(
    verifies("gateway.access.bound", "opens no grant but its own, even where it is signed"),
    async () => {
      const other = await instance.signedIn({ objectId: "aaaaaaaa-0000-4000-8000-000000000002" });
      const { sub, grant_id } = decodeJwt(other.accessToken);
      const text = await resigned(tokens.accessToken, { claims: { sub, grant_id } });
      expect(kindOf(await instance.verify(text))).toBe("grant-ended");
    },
  );
});

describe("a grant that ends", () => {
  it(
    verifies("gateway.ended.instance", "lets nobody in from then on where it was ended"),
    async () => {
      expect(kindOf(await instance.verify(tokens.accessToken))).toBe("accepted");
      await instance.revoke(tokens.refreshToken);
      expect(kindOf(await instance.verify(tokens.accessToken))).toBe("grant-ended");
    },
  );

  it(
    verifies("gateway.ended.elsewhere", "lets in for ten seconds at most on other instances"),
    async () => {
      const other = new Instance(world);
      expect(kindOf(await other.verify(tokens.accessToken))).toBe("accepted");
      world.clock.advance(second);
      await instance.revoke(tokens.refreshToken);
      world.clock.advance(9 * second - 1);
      expect(kindOf(await other.verify(tokens.accessToken))).toBe("accepted");
      world.clock.advance(1);
      expect(kindOf(await other.verify(tokens.accessToken))).toBe("grant-ended");
    },
  );

  it(
    verifies("gateway.ended.elsewhere", "is read once in ten seconds, however many calls"),
    async () => {
      let reads = 0;
      const other = new Instance(world, {
        before: ({ operation }) => {
          if (operation === "read") reads += 1;
        },
      });
      for (let call = 0; call < 20; call += 1) {
        expect(kindOf(await other.verify(tokens.accessToken))).toBe("accepted");
        world.clock.advance(second);
      }
      expect(reads).toBe(2);
    },
  );

  it(verifies("gateway.ended.final", "lets nobody in once its record is gone"), async () => {
    world.clock.advance(9 * minute);
    for (const { partition, id } of world.memory.documents()) {
      const item = world.memory.view().container.item(String(id), String(partition));
      await item.delete();
    }
    world.clock.advance(10 * second);
    expect(kindOf(await instance.verify(tokens.accessToken))).toBe("grant-ended");
  });
});

describe("an instance that sees late what another wrote", () => {
  it(
    verifies("gateway.access.version", "takes no older version of the grant than the token's"),
    async () => {
      world.entra.lifetime = 20 * minute;
      const old = await instance.signedIn();
      const late = new Instance(world);
      expect(kindOf(await late.verify(old.accessToken))).toBe("accepted");
      world.clock.advance(hour);
      world.entra.lifetime = hour;
      late.view.lag();
      const next = tokensOf(await instance.refresh(old.refreshToken));
      // What it sees has a token of Entra whose time is up: that would send the person to sign in.
      expect(kindOf(await late.verify(next.accessToken))).toBe("grant-unavailable");
      late.view.catchUp();
      expect(kindOf(await late.verify(next.accessToken))).toBe("accepted");
    },
  );

  it(
    verifies("gateway.access.version", "reads again at once where it holds an older one"),
    async () => {
      const other = new Instance(world);
      expect(kindOf(await other.verify(tokens.accessToken))).toBe("accepted");
      const next = tokensOf(await instance.refresh(tokens.refreshToken));
      expect(accessTokenOf(value(await other.verify(next.accessToken)))).toBe(
        accessTokenOf(value(await instance.verify(next.accessToken))),
      );
    },
  );
});

describe("what cannot be asked", () => {
  it(verifies("gateway.access.unavailable", "is 503, not 401: the store"), async () => {
    const failing = new Instance(world, {
      before: () => {
        throw Object.assign(new Error("down"), { code: "ECONNREFUSED" });
      },
    });
    expect(await failing.verify(tokens.accessToken)).toEqual(
      failure({ kind: "grant-unavailable", retryAfterSeconds: 5 }),
    );
    expect(world.lines.at(-1)).toMatchObject({ level: "error", event: "gateway.grant-not-read" });
  });

  it(verifies("gateway.access.unavailable", "is 503, not 401: the keys"), async () => {
    world.keyStorage.readsOut = true;
    expect(await new Instance(world).verify(tokens.accessToken)).toEqual(
      failure({ kind: "key-set-unavailable", retryAfterSeconds: 5 }),
    );
  });
});

function withHeader(text: string, header: Readonly<Record<string, string>>): string {
  const [, ...rest] = text.split(".");
  const whole = { ...decodeProtectedHeader(text), ...header };
  return [Buffer.from(JSON.stringify(whole)).toString("base64url"), ...rest].join(".");
}
