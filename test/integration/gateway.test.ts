import { afterEach, describe, expect, it } from "vitest";
import { apiScope } from "../../local/directory.ts";
import { signIn } from "../../local/sign-in.ts";
import { verifies } from "../requirements.ts";
import { type ClientKind, clientKinds, textOf } from "../support/clients.ts";
import { signInAtGateway } from "../support/gateway-client.ts";
import { control, sharedStack } from "../support/shared-stack.ts";
import { runCommand } from "../support/stack.ts";

const username = "user1@contoso.example";
const { running, folder, tokenOf } = sharedStack();

afterEach(async () => {
  await fetch(new URL("/_local/demands", running().authority), { method: "DELETE" });
});

const issuer = () => new URL("/gateway", running().mcp).href;

const signedIn = (kind: ClientKind) => signInAtGateway(kind, running(), username);

/** Tokens of the gateway, as its other clients get them. */
const gatewayTokens = () =>
  signIn({ issuer: issuer(), username, scope: apiScope, clientName: "Test" });

const post = (url: string, token: string) =>
  fetch(url, { method: "POST", headers: { authorization: `Bearer ${token}` } });

const postForm = (path: string, fields: Record<string, string>) =>
  fetch(`${issuer()}/${path}`, { method: "POST", body: new URLSearchParams(fields) });

describe.each(clientKinds)("the %s client", (kind) => {
  it(
    verifies("gateway.clients-of-both-eras", "registers, signs a person in, and acts for them"),
    async () => {
      const { client, person } = await signedIn(kind);
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name)).toContain("get_user_details");
      const details = await client.callTool({ name: "get_user_details", arguments: {} });
      expect(textOf(details)).toContain("Uma First");
      expect(person.asked().href).toContain(`${issuer()}/authorize?`);
      await client.close();
    },
  );

  it(
    verifies("gateway.clients-of-both-eras", "refreshes without its person, and goes on"),
    async () => {
      const { client, person, answered } = await signedIn(kind);
      person.spoilAccessToken();
      answered.length = 0;
      const details = await client.callTool({ name: "get_user_details", arguments: {} });
      expect(textOf(details)).toContain("Uma First");
      expect(answered).toEqual(["mcp 401", "token 200", "mcp 200"]);
      expect(person.signIns()).toBe(1);
      await client.close();
    },
  );
});

it(verifies("gateway.own-tokens", "the tokens of each side are refused at the other"), async () => {
  const { accessToken } = await gatewayTokens();
  const entra = await tokenOf(username);
  for (const [url, token] of [
    [running().mcp, accessToken],
    [running().gateway, entra],
  ] as const) {
    const refused = await post(url, token);
    expect(refused.status).toBe(401);
    expect(refused.headers.get("www-authenticate")).toContain('error="invalid_token"');
  }
  expect((await post(running().gateway, accessToken)).status).not.toBe(401);
  expect((await post(running().mcp, entra)).status).not.toBe(401);
});

it.each(clientKinds)(
  verifies(
    "gateway.challenge",
    "a claims challenge ends the grant, and the next sign-in meets it: %s",
  ),
  async (kind) => {
    const { client, person, answered, whoAmI, signedInAgain } = await signedIn(kind);
    await control(running().authority, "/_local/demands", { username });
    answered.length = 0;
    await expect(whoAmI()).rejects.toThrow(/[Uu]nauthorized/);
    expect(answered).toEqual(["mcp 401", "token 400"]);
    expect(person.signIns()).toBe(2);
    await client.close();

    const again = await signedInAgain();
    const details = await again.callTool({ name: "get_user_details", arguments: {} });
    expect(textOf(details)).toContain("Uma First");
    expect(person.signIns()).toBe(2);
    await again.close();
  },
);

it(
  verifies("gateway.revoked.everywhere", "a revoked token is refused at once, and not refreshed"),
  async () => {
    const { accessToken, refreshToken = "", clientId } = await gatewayTokens();
    const revoked = await postForm("revoke", { token: refreshToken, client_id: clientId });
    expect(revoked.status).toBe(200);
    const refresh = await postForm("token", {
      grant_type: "refresh_token",
      refresh_token: refreshToken,
      client_id: clientId,
    });
    expect([refresh.status, await refresh.json()]).toMatchObject([400, { error: "invalid_grant" }]);
    expect((await post(running().gateway, accessToken)).status).toBe(401);
  },
);

it(verifies("gateway.command", "npm run token prints a token of the gateway"), async () => {
  const port = ["--stack", running().port, "--data", folder()];
  const { code, stdout } = await runCommand("local/token.ts", ["user1", "--gateway", ...port]);
  expect(code).toBe(0);
  expect((await post(running().gateway, stdout.trim())).status).not.toBe(401);
});
