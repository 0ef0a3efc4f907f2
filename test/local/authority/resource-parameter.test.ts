import { describe, expect, it } from "vitest";
import { graphIdentifierUri, vscodeClientId } from "../../../local/directory.ts";
import { verifies } from "../../requirements.ts";
import {
  answerOf,
  claimsOf,
  qualifiedScope,
  redirectedRefusalOf,
  refusalOf,
  serverUrl,
  tenantWith,
  testAuthority,
  tokensOf,
} from "./support.ts";

const refused = "AADSTS9010010";

/** An authority whose registration has the server's URL, and what it logs. */
async function loggingAuthority(changes?: Parameters<typeof tenantWith>[0]) {
  const logged: Record<string, string>[] = [];
  const authority = await testAuthority({
    tenant: tenantWith(changes),
    log: (event, fields) => logged.push({ event, ...fields }),
  });
  return { authority, logged };
}

describe("the resource parameter", () => {
  it.each([
    ["the server's URL", serverUrl],
    ["the scope's prefix", "api://mcp-local"],
  ])(verifies("authority.resource", "is %s, at every step"), async (_, resource) => {
    const { authority } = await loggingAuthority();
    const scope = `${qualifiedScope} offline_access`;
    const code = await authority.authorizationCode({ scope, resource });
    const { access_token, refresh_token = "" } = await tokensOf(
      authority.redeem(code, { resource }),
    );
    expect(claimsOf(access_token).aud).toBe("3f6b8e02-5c47-4d19-a2e8-6b90c7d1f345");
    const refreshed = authority.token({
      grant_type: "refresh_token",
      client_id: vscodeClientId,
      refresh_token,
      resource,
    });
    expect(claimsOf((await tokensOf(refreshed)).access_token).scp).toBe("user_impersonation");
  });

  it(verifies("authority.resource", "may be missing at any step"), async () => {
    const { authority } = await loggingAuthority();
    const code = await authority.authorizationCode({ resource: serverUrl });
    expect((await authority.redeem(code)).status).toBe(200);
  });

  it(
    verifies("authority.resource", "is compared at redemption, which may be tried again"),
    async () => {
      const { authority, logged } = await loggingAuthority();
      const code = await authority.authorizationCode();
      const answer = refusalOf(authority.redeem(code, { resource: `${serverUrl}/` }));
      expect(await answer).toBe(`400 invalid_target ${refused}`);
      expect(logged.at(-1)).toMatchObject({ event: "token.refused", cause: "uri-not-listed" });
      expect((await authority.redeem(code, { resource: serverUrl })).status).toBe(200);
    },
  );

  it(
    verifies("authority.resource", "is compared at refresh, with the scope given there"),
    async () => {
      const { authority, logged } = await loggingAuthority();
      const { refresh_token = "" } = await authority.signIn({
        scope: `${qualifiedScope} offline_access`,
      });
      const refresh = (changes: Record<string, string>) =>
        refusalOf(
          authority.token({
            grant_type: "refresh_token",
            client_id: vscodeClientId,
            refresh_token,
            ...changes,
          }),
        );
      const answer = `400 invalid_target ${refused}`;
      expect(await refresh({ resource: graphIdentifierUri })).toBe(answer);
      expect(await refresh({ resource: serverUrl, scope: "User.Read" })).toBe(answer);
      const causes = logged.filter(({ event }) => event === "token.refused");
      expect(causes.map(({ cause }) => cause)).toEqual([
        "other-registration",
        "other-registration",
      ]);
    },
  );

  it(verifies("authority.resource", "is compared each time it comes"), async () => {
    const { authority } = await loggingAuthority();
    const twice = (second: string) =>
      fetch(`${authority.authorizeUrl({ resource: serverUrl })}&resource=${second}`, {
        redirect: "manual",
      });
    expect((await twice("api://mcp-local")).status).toBe(200);
    expect(redirectedRefusalOf(await twice("api://other"))).toBe(`invalid_target ${refused}`);
  });
});

describe(`the causes of ${refused}`, () => {
  const is = (resource: string, nearest: string, ...differences: string[]) =>
    `The resource ${resource} is no identifier URI. The nearest is ${nearest}; what differs: ${differences.join(", ")}`;
  const listed =
    "is no identifier URI and like none of them: api://mcp-local, http://localhost:7071/mcp";
  const notListed = (resource: string, ...differences: string[]) =>
    [resource, is(resource, serverUrl, ...differences)] as const;

  it.each<readonly [string, string]>([
    notListed(`${serverUrl}/`, "the slash at the end"),
    notListed("http://LocalHost:7071/mcp", "the case of the host"),
    notListed("http://localhost:7071/MCP", "the path"),
    notListed("http://localhost:7071", "the path"),
    notListed("http://localhost:7071/", "the path"),
    notListed(`${serverUrl}?tenant=1`, "the path"),
    notListed("https://localhost:7071/mcp", "the scheme"),
    notListed("http://localhost:7072/mcp", "the port"),
    notListed("http://localhost/mcp/", "the port", "the slash at the end"),
    ["api://mcp-local/", is("api://mcp-local/", "api://mcp-local", "the slash at the end")],
    ["api://other", `The resource api://other ${listed}`],
    ["http://127.0.0.1:7071/mcp", `The resource http://127.0.0.1:7071/mcp ${listed}`],
    [
      "3f6b8e02-5c47-4d19-a2e8-6b90c7d1f345",
      `The resource 3f6b8e02-5c47-4d19-a2e8-6b90c7d1f345 ${listed}`,
    ],
  ])(verifies("authority.resource.causes", "uri-not-listed: %s"), async (resource, reason) => {
    const { authority, logged } = await loggingAuthority();
    const answer = await authority.authorize({ resource });
    expect(answerOf(answer).get("error")).toBe("invalid_target");
    expect(answerOf(answer).get("error_description")).toBe(
      `${refused}: The resource parameter provided in the request doesn't match with the requested scopes.`,
    );
    expect(logged).toEqual([
      { event: "authorization.refused", code: refused, cause: "uri-not-listed", reason },
    ]);
  });

  it(verifies("authority.resource.causes", "uri-not-listed: the list has the slash"), async () => {
    const identifierUris = ["api://mcp-local", `${serverUrl}/`];
    const { authority, logged } = await loggingAuthority({ identifierUris });
    await authority.authorize({ resource: serverUrl });
    expect(logged[0]?.reason).toBe(is(serverUrl, `${serverUrl}/`, "the slash at the end"));
  });

  it.each([
    ["the scope is Graph's", { scope: "User.Read", resource: serverUrl }],
    ["the resource is Graph's", { resource: graphIdentifierUri }],
    ["OpenID's scopes are Graph's", { scope: "openid profile", resource: serverUrl }],
  ])(verifies("authority.resource.causes", "other-registration: %s"), async (_, changes) => {
    const { authority, logged } = await loggingAuthority();
    const answer = await authority.authorize(changes);
    expect(redirectedRefusalOf(answer)).toBe(`invalid_target ${refused}`);
    expect(logged).toHaveLength(1);
    expect(logged[0]).toMatchObject({ code: refused, cause: "other-registration" });
    expect(logged[0]?.reason).toMatch(/Microsoft Graph.*Both have to belong to one/);
  });

  it(verifies("authority.resource.causes", "tokens-not-v2"), async () => {
    const { authority, logged } = await loggingAuthority({ requestedAccessTokenVersion: 1 });
    expect((await authority.authorize({ resource: "api://mcp-local" })).status).toBe(200);
    const answer = await authority.authorize({ resource: serverUrl });
    expect(redirectedRefusalOf(answer)).toBe(`invalid_target ${refused}`);
    expect(logged).toEqual([
      {
        event: "authorization.refused",
        code: refused,
        cause: "tokens-not-v2",
        reason: `The registration of MCP server has requestedAccessTokenVersion 1, with which the resource ${serverUrl} is refused. Set it to 2.`,
      },
    ]);
  });
});

describe("the identifier URIs", () => {
  it.each([
    ["api://mcp-local", "api://mcp-local"],
    [serverUrl, serverUrl],
    ["3f6b8e02-5c47-4d19-a2e8-6b90c7d1f345", "api://mcp-local"],
  ])(verifies("authority.identifier-uris", "%s stands before the scope"), async (prefix, named) => {
    const { authority } = await loggingAuthority();
    const tokens = await authority.signIn({ scope: `${prefix}/user_impersonation` });
    expect(tokens.scope).toBe(`${named}/user_impersonation`);
    expect(claimsOf(tokens.access_token)).toMatchObject({
      aud: "3f6b8e02-5c47-4d19-a2e8-6b90c7d1f345",
      scp: "user_impersonation",
    });
  });

  it.each([`${serverUrl}/`, "http://LOCALHOST:7071/mcp", "http://localhost:7072/mcp"])(
    verifies("authority.identifier-uris", "%s does not"),
    async (prefix) => {
      const { authority } = await loggingAuthority();
      const answer = await authority.authorize({ scope: `${prefix}/user_impersonation` });
      expect(redirectedRefusalOf(answer)).toBe("invalid_resource AADSTS500011");
    },
  );
});

describe("a registration that asks for version 1", () => {
  it.each(["api://mcp-local", serverUrl])(
    verifies("authority.version-1", "gets it, for the audience %s"),
    async (prefix) => {
      const { authority } = await loggingAuthority({ requestedAccessTokenVersion: 1 });
      const tokens = await authority.signIn({ scope: `${prefix}/user_impersonation` });
      const claims = claimsOf(tokens.access_token);
      expect(claims).toMatchObject({
        iss: `https://sts.windows.net/${authority.tenant.id}/`,
        aud: prefix,
        ver: "1.0",
        appid: vscodeClientId,
        scp: "user_impersonation",
      });
      expect(claims).not.toHaveProperty("azp");
    },
  );
});
