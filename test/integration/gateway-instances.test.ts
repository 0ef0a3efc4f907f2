import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiScope } from "../../local/directory.ts";
import { signIn } from "../../local/sign-in.ts";
import { verifies } from "../requirements.ts";
import { type ClientKind, textOf } from "../support/clients.ts";
import { connectSigningIn, createSigningInProvider } from "../support/person.ts";
import { type Kill, type ServerPair, startServerPair } from "../support/server-pair.ts";

const username = "user1@contoso.example";
const call = { name: "get_user_details", arguments: {} };

let servers: ServerPair;
beforeAll(async () => {
  servers = await startServerPair();
});
afterAll(() => servers?.[Symbol.asyncDispose]());

async function signedIn(kind: ClientKind) {
  const person = createSigningInProvider(username);
  return { person, client: await connectSigningIn(kind, servers.gateway, person) };
}

const tokens = (clientId?: string) =>
  signIn({
    ...{ issuer: servers.issuer, username, scope: apiScope, clientName: "Test" },
    ...(clientId !== undefined && { clientId }),
  });

async function refresh({ refreshToken = "", clientId }: Awaited<ReturnType<typeof tokens>>) {
  const form = { grant_type: "refresh_token", refresh_token: refreshToken, client_id: clientId };
  const body = new URLSearchParams(form);
  const answer = await fetch(`${servers.issuer}/token`, { method: "POST", body });
  return { status: answer.status, ...JSON.parse(await answer.text()) };
}

/** Of a request that says nothing: 401 where the token lets nobody in. */
async function statusOf(accessToken: string): Promise<number> {
  const headers = { authorization: `Bearer ${accessToken}` };
  return (await fetch(servers.gateway, { method: "POST", headers })).status;
}

describe("two processes of the server that take turns", () => {
  it.each(["modern", "v1"] as const)(
    verifies("gateway.instances.processes", "serve the %s client as one would"),
    async (kind) => {
      const before = servers.answered;
      const { client, person } = await signedIn(kind);
      for (const _ of [1, 2]) expect(textOf(await client.callTool(call))).toContain("Uma First");
      person.spoilAccessToken();
      for (const _ of [1, 2]) expect(textOf(await client.callTool(call))).toContain("Uma First");
      expect(person.signIns()).toBe(1);
      for (const [place, count] of servers.answered.entries()) {
        expect(count - (before[place] ?? 0)).toBeGreaterThan(5);
      }
      await client.close();
    },
  );

  it(
    verifies("gateway.instances.processes", "give all that refresh at once one successor"),
    async () => {
      const session = await tokens();
      const told = await Promise.all([1, 2, 3, 4, 5, 6].map(() => refresh(session)));
      const good = told.filter(({ status }) => status === 200);
      // Whoever is asked to try again gets it then.
      for (const { status } of told) expect([200, 503]).toContain(status);
      good.push(await refresh(session));
      expect(new Set(good.map(({ refresh_token }) => refresh_token)).size).toBe(1);
      for (const { access_token } of good) {
        for (const _ of [1, 2]) expect(await statusOf(access_token)).not.toBe(401);
      }
    },
  );
});

describe("a server that is killed", () => {
  it.each(["callback", "token"])(
    verifies("gateway.instances.killed-processes", "at %s leaves the person free to start again"),
    async (endpoint) => {
      servers.killAt(`/gateway/${endpoint}`, "after");
      await expect(tokens()).rejects.toThrow("Nothing answers");
      const { accessToken } = await tokens();
      expect(await statusOf(accessToken)).not.toBe(401);
    },
  );

  it.each(["meanwhile", "after"] satisfies Kill[])(
    verifies("gateway.instances.killed-processes", "at a refresh, %s, signs nobody out"),
    async (kill) => {
      const session = await tokens();
      servers.killAt("/gateway/token", kill);
      await expect(refresh(session)).rejects.toThrow("fetch failed");
      const told = await refresh(session);
      expect(told.status).toBe(200);
      expect(await statusOf(told.access_token)).not.toBe(401);
    },
  );

  it(
    verifies("gateway.instances.killed-processes", "is nothing that an official client ends with"),
    async () => {
      const { client, person } = await signedIn("modern");
      servers.killAt("/gateway/mcp", "meanwhile");
      await expect(client.callTool(call)).rejects.toThrow("fetch failed");
      expect(textOf(await client.callTool(call))).toContain("Uma First");
      expect(person.signIns()).toBe(1);

      // Where a refresh fails this client asks its person at once, and does without their answer.
      person.spoilAccessToken();
      servers.killAt("/gateway/token", "after");
      await expect(client.callTool(call)).rejects.toThrow(/[Uu]nauthorized/);
      expect(textOf(await client.callTool(call))).toContain("Uma First");
      await client.close();
    },
  );

  it(
    verifies(
      "gateway.instances.killed-processes",
      "once it has ended a grant, brings nothing back",
    ),
    async () => {
      const session = await tokens();
      servers.killAt("/gateway/revoke", "after");
      const { refreshToken: token = "", clientId: client_id } = session;
      const body = new URLSearchParams({ token, client_id });
      const revoked = fetch(`${servers.issuer}/revoke`, { method: "POST", body });
      await expect(revoked).rejects.toThrow("fetch failed");
      await servers.whole();
      for (const _ of [1, 2]) {
        expect(await refresh(session)).toMatchObject({ status: 400, error: "invalid_grant" });
        expect(await statusOf(session.accessToken)).toBe(401);
      }
    },
  );
});
