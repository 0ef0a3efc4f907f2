// The cases of https://github.com/cloudflare/workers-oauth-provider/tree/main/conformance, written anew:
// "theirs" is what that server does.
import { beforeEach, describe, expect, it } from "vitest";
import { verifies } from "../../requirements.ts";
import { type GatewayUnderTest, startGateway } from "../gateway-under-test.ts";
import { PublicClient, type Tokens } from "../public-client.ts";

let gateway: GatewayUnderTest;
let client: PublicClient;
beforeEach(async () => {
  gateway = await startGateway();
  client = await PublicClient.register(gateway);
});

const read = async (answer: Response): Promise<Tokens> => JSON.parse(await answer.text());

const statusOf = async ({ access_token }: Pick<Tokens, "access_token">) =>
  (await gateway.composed.call(access_token)).status;

async function expectInvalidGrant(answer: Response): Promise<void> {
  expect([answer.status, await answer.json()]).toMatchObject([400, { error: "invalid_grant" }]);
}

describe("a refresh token", () => {
  it(verifies("gateway.conformance.lifecycle", "is replaced each time"), async () => {
    const first = await client.tokens();
    const answer = await client.refresh(first.refresh_token);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toContain("no-store");
    const second = await read(answer);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await statusOf(second)).toBe(200);
  });

  /** Theirs answers the retry with a third token; here it is the same one, so that there is one alone. */
  it(
    verifies("gateway.conformance.lifecycle", "may come again until its successor is used"),
    async () => {
      const first = await client.tokens();
      const second = await read(await client.refresh(first.refresh_token));
      const retried = await read(await client.refresh(first.refresh_token));
      expect(retried.refresh_token).toBe(second.refresh_token);
      expect(await statusOf(retried)).toBe(200);
      const third = await read(await client.refresh(retried.refresh_token));
      expect(await statusOf(third)).toBe(200);
      await expectInvalidGrant(await client.refresh(first.refresh_token));
    },
  );

  /** Theirs refuses the old one and lets the newest live: but nobody can tell the thief from the client. */
  it(
    verifies("gateway.conformance.lifecycle", "that comes after that ends all of them"),
    async () => {
      const first = await client.tokens();
      const second = await read(await client.refresh(first.refresh_token));
      const third = await read(await client.refresh(second.refresh_token));
      await expectInvalidGrant(await client.refresh(first.refresh_token));
      await expectInvalidGrant(await client.refresh(third.refresh_token));
      expect(await statusOf(third)).toBe(401);
    },
  );

  /** Theirs gives fewer scopes for a code too. Here there is one, and a scope beside a code means nothing. */
  it(verifies("gateway.conformance.lifecycle", "brings no more than was granted"), async () => {
    const answer = await client.redeem(await client.code(), { scope: "user_impersonation admin" });
    expect(await answer.json()).toMatchObject({ scope: "user_impersonation" });
    const { refresh_token } = await client.tokens();
    const wider = await client.refresh(refresh_token, { scope: "user_impersonation admin" });
    expect([wider.status, await wider.json()]).toMatchObject([400, { error: "invalid_scope" }]);
    const same = await client.refresh(refresh_token, { scope: "user_impersonation" });
    expect(same.status).toBe(200);
  });
});

describe("revocation", () => {
  it(
    verifies("gateway.conformance.lifecycle", "by a client that authenticates ends nothing"),
    async () => {
      const tokens = await client.tokens();
      const basic = { headers: { authorization: `Basic ${btoa("client:secret")}` } };
      expect((await client.revoke(tokens.access_token, {}, basic)).status).toBe(401);
      const posted = await client.revoke(tokens.access_token, { client_secret: "secret" });
      expect([posted.status, await posted.json()]).toMatchObject([
        400,
        { error: "invalid_client" },
      ]);
      expect(await statusOf(tokens)).toBe(200);
      expect((await client.revoke(tokens.access_token)).status).toBe(200);
      expect(await statusOf(tokens)).toBe(401);
    },
  );

  /** Theirs leaves the refresh token good: here whoever gives up one token wants the sign-in to be over. */
  it(verifies("gateway.conformance.lifecycle", "of an access token ends the grant"), async () => {
    const tokens = await client.tokens();
    expect((await client.revoke(tokens.access_token)).status).toBe(200);
    const refused = await gateway.composed.call(tokens.access_token);
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toContain('error="invalid_token"');
    await expectInvalidGrant(await client.refresh(tokens.refresh_token));
  });

  it(verifies("gateway.conformance.lifecycle", "of a refresh token ends the grant"), async () => {
    const tokens = await client.tokens();
    const revoked = await client.revoke(tokens.refresh_token, { token_type_hint: "refresh_token" });
    expect(revoked.status).toBe(200);
    expect(await statusOf(tokens)).toBe(401);
    await expectInvalidGrant(await client.refresh(tokens.refresh_token));
  });

  /** Theirs answers 200; RFC 7009 section 2.1 has the client be told. */
  it(verifies("gateway.conformance.lifecycle", "by another client ends nothing"), async () => {
    const tokens = await client.tokens();
    const other = await PublicClient.register(gateway);
    await expectInvalidGrant(await other.revoke(tokens.access_token));
    await expectInvalidGrant(await other.revoke(tokens.refresh_token));
    expect(await statusOf(tokens)).toBe(200);
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
  });
});

describe("a code that comes a second time", () => {
  it(verifies("gateway.conformance.lifecycle", "ends what it has brought"), async () => {
    const code = await client.code();
    const tokens = await read(await client.redeem(code));
    expect(await statusOf(tokens)).toBe(200);
    await expectInvalidGrant(await client.redeem(code));
    expect(await statusOf(tokens)).toBe(401);
    await expectInvalidGrant(await client.refresh(tokens.refresh_token));
  });
});
