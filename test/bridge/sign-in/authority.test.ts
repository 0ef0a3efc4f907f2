import { describe, expect, it } from "vitest";
import { readTenant } from "../../../bridge/sign-in/authority/authority.ts";
import { signOut } from "../../../bridge/sign-in/commands.ts";
import { tenantId } from "../../../local/directory.ts";
import { verifies } from "../../requirements.ts";
import { authorityUrl, cloud, serverUrl, startBridge, testEntra } from "./support.ts";

const other = "11111111-2222-4333-8444-555555555555";

describe("the tenant that the user names", () => {
  it.each([
    [tenantId, authorityUrl],
    ["Contoso.com", `${cloud}/contoso.com`],
    [`${cloud}/${tenantId}/v2.0`, authorityUrl],
    [
      "https://login.microsoftonline.us/contoso.com/",
      "https://login.microsoftonline.us/contoso.com",
    ],
    [`https://localhost:7443/${tenantId}`, `https://localhost:7443/${tenantId}`],
  ])(verifies("bridge.sign-in.tenant", "may be %s"), (given, authority) => {
    expect(readTenant(given)).toEqual({ ok: true, value: authority });
  });

  it.each([
    ["common"],
    ["organizations"],
    ["consumers"],
    ["contoso"],
    ["../evil"],
    [`${cloud}/common/v2.0`],
    [`https://login.microsoftonline.com.evil.example/${tenantId}`],
    [`https://login.microsoftonline.com@evil.example/${tenantId}`],
    [`https://evil.example/${tenantId}`],
    [`http://login.microsoftonline.com/${tenantId}`],
    [`http://localhost:7080/${tenantId}`],
    [`${cloud}:8443/${tenantId}`],
    [`${cloud}/${tenantId}?x=1`],
    [`${cloud}/${tenantId}/oauth2/authorize`],
  ])(verifies("bridge.sign-in.tenant", "is not %s"), (given) => {
    expect(readTenant(given)).toMatchObject({ ok: false });
  });

  it(verifies("bridge.sign-in.tenant", "counts before what the server names"), async () => {
    const entra = await testEntra();
    entra.metadata.authorization_servers = [`${cloud}/${other}/v2.0`];
    const bridge = await startBridge(entra, { choices: { tenant: tenantId } });
    await bridge.token();
    expect(bridge.opened[0]?.pathname).toContain(tenantId);
    expect(entra.sent.some(({ url }) => url.pathname.includes(".well-known"))).toBe(false);
  });
});

describe("the authority that a server names", () => {
  it.each([
    ["of two tenants", [`${authorityUrl}/v2.0`, `${cloud}/${other}/v2.0`], /several tenants/],
    ["none", [], /no tenant of Microsoft Entra/],
    ["no text", [{ href: authorityUrl }, 7, null], /no tenant of Microsoft Entra/],
  ])(verifies("bridge.sign-in.authority", "is not one %s"), async (_, named, words) => {
    const entra = await testEntra();
    entra.metadata.authorization_servers = named;
    const bridge = await startBridge(entra);
    expect((await bridge.failure()).words).toMatch(words);
  });

  it(verifies("bridge.sign-in.authority", "is that of this very resource"), async () => {
    const entra = await testEntra();
    entra.metadata.resource = "https://graph.microsoft.com";
    const bridge = await startBridge(entra);
    expect((await bridge.failure()).words).toContain("describes another resource than");
  });

  it(verifies("bridge.sign-in.authority", "cannot change after the first sign-in"), async () => {
    const entra = await testEntra();
    const first = await startBridge(entra);
    const token = await first.token();
    entra.metadata.authorization_servers = [`${cloud}/${other}/v2.0`];
    // Nobody is asked, so nobody can be misled.
    const silent = await startBridge(entra, { machine: first.machine });
    expect(await silent.token()).toBe(token);
    const claims = JSON.stringify({ access_token: { acrs: { value: "c1" } } });
    const changed = await silent.failure({ refused: token, claims });
    expect(changed).toEqual({
      kind: "refused",
      words: expect.stringMatching(new RegExp(`names the authority ${cloud}/${other}; .+--logout`)),
    });
    expect(silent.opened).toEqual([]);

    await signOut(first.settings, first.world);
    const parts = { openBrowser: undefined };
    const anew = await startBridge(entra, { machine: first.machine, parts });
    expect((await anew.failure()).kind).not.toBe("misconfigured");
    expect(anew.said[0]).toContain(`Signing in at ${cloud}/${other}`);
  });
});

describe("a server that wants what is not its own", () => {
  it(
    verifies("bridge.hostile.confused", "gets nothing in a tenant that has not registered it"),
    async () => {
      const entra = await testEntra();
      const url = "https://evil.example/mcp";
      entra.metadata.resource = url;
      // Even where the user is talked into another API's scope.
      for (const scope of [
        undefined,
        "api://mcp-local/user_impersonation",
        `${serverUrl}/.default`,
      ]) {
        const bridge = await startBridge(entra, { url, choices: { scope } });
        expect(await bridge.failure()).toMatchObject({
          kind: "refused",
          words: expect.stringMatching(/AADSTS(?:500011|9010010)/),
        });
      }
      expect(entra.sent.filter(({ method }) => method === "POST")).toEqual([]);
    },
  );
});
