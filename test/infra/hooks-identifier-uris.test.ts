import { describe, expect, it } from "vitest";
import { addIdentifierUris } from "../../infra/hooks/identifier-uris/add.ts";
import { verifies } from "../requirements.ts";
import { copilot, custom, deployment, noRights, own, platform } from "./hooks/deployment.ts";
import { fakeAzd, paper } from "./hooks/fakes.ts";
import { application, type TenantOptions } from "./hooks/tenant.ts";

describe("after a deployment the registration", () => {
  it(
    verifies("hooks.identifier-uris", "gets every URL that clients may send, one by one"),
    async () => {
      const { add, azd, list, tenant } = deployment({
        MCP_URL: custom,
        ALLOWED_HOSTS: "Tools.Contoso.example:443, mcp.contoso.example",
        FURTHER_IDENTIFIER_URIS: copilot,
      });
      const { text } = await add();
      const others = [custom, platform, "https://tools.contoso.example/mcp", copilot];
      expect(list()).toEqual([own, ...others]);
      expect(tenant.requests.filter((request) => request.startsWith("PATCH"))).toHaveLength(4);
      expect(azd.kept).toEqual({ ACCEPTED_IDENTIFIER_URIS: others.join() });
      for (const uri of others) expect(text).toContain(uri);
      expect(text).not.toContain("AADSTS9010010");
    },
  );

  it(
    verifies(
      "hooks.identifier-uris",
      "does not get the function app's own URL behind API Management",
    ),
    async () => {
      const gateway = "https://apim-abc123.azure-api.net";
      const { add, list } = deployment({
        MCP_URL: `${gateway}/mcp`,
        API_MANAGEMENT_GATEWAY_URL: gateway,
        ALLOWED_HOSTS: "tools.contoso.example",
      });
      await add();
      expect(list()).toEqual([own, `${gateway}/mcp`, "https://tools.contoso.example/mcp"]);
    },
  );

  it(
    verifies("hooks.identifier-uris", "is waited for until Microsoft Graph finds it"),
    async () => {
      const { add, list } = deployment({}, { foundTooLate: 5 });
      expect((await add()).waited).toBe(10_000);
      expect(list()).toEqual([own, platform]);
      const gone = deployment({}, { foundTooLate: 1_000 });
      const { text, waited } = await gone.add();
      expect(waited).toBe(60_000);
      expect(text).toContain("could not be read: it is not there");
    },
  );

  it(verifies("hooks.identifier-uris", "is left alone where it has everything"), async () => {
    const { add, tenant, azd } = deployment({}, { found: { identifierUris: [own, platform] } });
    expect((await add()).text).toBe("");
    expect(tenant.requests).toHaveLength(1);
    expect(azd.kept).toEqual({ ACCEPTED_IDENTIFIER_URIS: platform });
  });

  it(
    verifies(
      ["hooks.identifier-uris", "hooks.identifier-uris-refused"],
      "gets what the tenant takes where it refuses one of two",
    ),
    async () => {
      const { add, azd, list, clientId } = deployment(
        { MCP_URL: custom },
        { verifiedDomains: ["contoso.example"] },
      );
      const { text } = await add();
      expect(list()).toEqual([own, custom]);
      expect(azd.kept).toEqual({ ACCEPTED_IDENTIFIER_URIS: custom });
      expect(text).toContain(`The registration has the identifier URI ${custom}.`);
      expect(text).toContain(
        `no identifier URI ${platform}: Entra takes only domains that the tenant has verified, and azurewebsites.net is Microsoft's.`,
      );
      expect(text).toContain(`no loss where clients are given ${custom}`);
      expect(text).toContain("AADSTS9010010");
      // There is a custom domain already.
      expect(text).not.toContain("An administrator can");
      expect(text).not.toContain(clientId);
    },
  );

  it(
    verifies("hooks.identifier-uris-refused", "says what it costs where the tenant takes none"),
    async () => {
      const { add, list, clientId } = deployment({}, { verifiedDomains: ["contoso.example"] });
      const { text } = await add();
      expect(list()).toEqual([own]);
      expect(text).toContain("AADSTS9010010): Claude, Claude Code, ChatGPT, Cursor");
      expect(text).toContain("VS Code can.");
      expect(text).toContain("An administrator can give the server a custom domain");
      expect(text).not.toContain(clientId);
    },
  );

  it.each<[string, NodeJS.ProcessEnv, TenantOptions, string, string]>([
    [
      "its domain is not verified",
      { MCP_URL: custom },
      { verifiedDomains: ["fabrikam.example", "azurewebsites.net"] },
      "the tenant has not verified the domain of mcp.contoso.example",
      "verify that domain",
    ],
    [
      "a policy restricts it",
      {},
      { restrictsIdentifierUris: true },
      "a policy of the tenant restricts identifier URIs",
      `az ad app update --id CLIENT --identifier-uris ${own} ${platform}`,
    ],
    [
      "another registration has it",
      {},
      { items: [application("other", { identifierUris: [platform] })] },
      "another registration of the tenant has it",
      `az ad app list --identifier-uri ${platform}`,
    ],
    [
      "a deleted one has it",
      {},
      { deletedItems: [application("other", { identifierUris: [platform] })] },
      "perhaps a deleted one",
      "purge it",
    ],
    [
      "Graph says so",
      {},
      {
        answerWith: (request) =>
          request.startsWith("PATCH")
            ? Response.json({ error: { message: "No\u001b[2J way\n" } }, { status: 400 })
            : undefined,
      },
      "Microsoft Graph answered 400: No [2J way",
      `add it by hand: az ad app update --id CLIENT --identifier-uris ${own} ${platform}`,
    ],
  ])(
    verifies(
      "hooks.identifier-uris-refused",
      "goes without a URI, and says why and what to do, where %s",
    ),
    async (_, settings, options, why, remedy) => {
      const { add, clientId, azd } = deployment(settings, options);
      const { text } = await add();
      expect(text).toContain(why);
      expect(text).toContain("cannot sign in (AADSTS9010010)");
      expect(text).toContain(remedy.replace("CLIENT", clientId));
      expect(text).not.toContain("\u001b");
      expect(azd.kept.ACCEPTED_IDENTIFIER_URIS ?? "").not.toContain(settings.MCP_URL ?? platform);
    },
  );

  it(
    verifies("hooks.identifier-uris-refused", "says all at once what is missing without the right"),
    async () => {
      const { add, clientId, tenant } = deployment({ MCP_URL: custom }, { answerWith: noRights });
      const { text } = await add();
      expect(tenant.requests.filter((each) => each.startsWith("PATCH"))).toHaveLength(1);
      expect(text).toContain(`does not let you (403): ${custom}, ${platform}.`);
      expect(text).toContain(
        `Cloud Application Administrator can add them: az ad app update --id ${clientId} --identifier-uris ${own} ${custom} ${platform}`,
      );
      expect(text).toContain("azd hooks run postprovision");
    },
  );

  it(
    verifies("hooks.identifier-uris", "keeps what somebody else adds to it meanwhile"),
    async () => {
      let reads = 0;
      const made = deployment(
        { MCP_URL: custom },
        {
          answerWith(request) {
            reads += request.startsWith("GET") ? 1 : 0;
            if (request.startsWith("GET") && reads === 2) made.change([own, copilot]);
            return undefined;
          },
        },
      );
      await made.add();
      expect(made.list()).toEqual([own, copilot, custom, platform]);
      expect(made.azd.kept.ACCEPTED_IDENTIFIER_URIS).toBe(`${copilot},${custom},${platform}`);
    },
  );

  it(
    verifies(
      "hooks.identifier-uris",
      "keeps what this run has added where Graph does not show it yet",
    ),
    async () => {
      const old = Response.json({ uniqueName: "mcp-abc123", identifierUris: [own] });
      const { add, list } = deployment(
        { MCP_URL: custom },
        { answerWith: (request) => (request.startsWith("GET") ? old.clone() : undefined) },
      );
      await add();
      expect(list()).toEqual([own, custom, platform]);
    },
  );

  const limited = (retryAfter?: string) =>
    new Response(null, { status: 429, headers: retryAfter ? { "retry-after": retryAfter } : {} });

  it.each([
    ["7", 7_000],
    [undefined, 5_000],
    ["Fri, 31 Dec 2999 23:59:59 GMT", 5_000],
    ["-1", 5_000],
    ["999999", 60_000],
  ])(
    verifies("hooks.identifier-uris", "waits as long as Graph asks, within reason: %j"),
    async (retryAfter, pause) => {
      let isLimited = true;
      const { add, list } = deployment(
        {},
        {
          answerWith(request) {
            if (!request.startsWith("PATCH") || !isLimited) return undefined;
            isLimited = false;
            return limited(retryAfter);
          },
        },
      );
      expect((await add()).waited).toBe(pause);
      expect(list()).toEqual([own, platform]);
    },
  );

  it.each([
    ["goes on being busy", () => limited("1"), "429", 4],
    ["fails", () => new Response("<html>", { status: 503 }), "503", 1],
  ])(
    verifies("hooks.identifier-uris-refused", "asks no further, and says so, where Graph %s"),
    async (_, answer, status, patches) => {
      const further = Array.from({ length: 500 }, (__, index) => `api://auth/${index}`).join();
      const { add, tenant } = deployment(
        { FURTHER_IDENTIFIER_URIS: further },
        { answerWith: (request) => (request.startsWith("PATCH") ? answer() : undefined) },
      );
      const { text } = await add();
      expect(tenant.requests.filter((each) => each.startsWith("PATCH"))).toHaveLength(patches);
      expect(text).toContain(`are missing, since Microsoft Graph answered ${status}`);
      expect(text).toContain("azd hooks run postprovision");
    },
  );

  it.each<[string, TenantOptions["answerWith"], string]>([
    ["may not be read", () => new Response(null, { status: 403 }), "does not let you (403)"],
    [
      "cannot be understood",
      () => Response.json({ uniqueName: "mcp-abc123", identifierUris: "api://x" }),
      "not understood",
    ],
    ["bears another name", () => Response.json({ uniqueName: "payroll" }), "does not bear"],
    [
      "cannot be reached",
      () => {
        throw new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") });
      },
      "ECONNREFUSED",
    ],
  ])(
    verifies("hooks.identifier-uris-refused", "is left alone, and that is said, where it %s"),
    async (_, answerWith, said) => {
      const { add, tenant, azd, clientId } = deployment({}, answerWith ? { answerWith } : {});
      const { text } = await add();
      expect(text).toContain(said);
      expect(text).toContain(platform);
      expect(text).toContain(`az ad app show --id ${clientId}`);
      expect(tenant.requests.filter((request) => request.startsWith("PATCH"))).toEqual([]);
      expect(azd.kept).toEqual({});
    },
  );

  it(
    verifies("hooks.identifier-uris-refused", "waits for whoever signs in to azd again"),
    async () => {
      const { print, text } = paper();
      const env = {
        ENTRA_APPLICATION_CLIENT_ID: application("x").appId,
        ENTRA_APPLICATION_UNIQUE_NAME: "x",
      };
      await addIdentifierUris({ env, azd: fakeAzd({ token: "not logged in" }), print });
      expect(text()).toContain("no access token for Microsoft Graph: not logged in");
      expect(text()).toContain("azd hooks run postprovision");
    },
  );

  it.each(["https://mcp.contoso.example/", "contoso", "api://a b", 'api://"', "api://$(id)"])(
    verifies("hooks.identifier-uris-refused", "is not asked to take what can be no URI: %j"),
    async (uri) => {
      const { add, list } = deployment({ FURTHER_IDENTIFIER_URIS: uri });
      const { text } = await add();
      expect(list()).toEqual([own, platform]);
      expect(text).toContain(`${JSON.stringify(uri)} cannot be an identifier URI`);
      expect(text).toContain("FURTHER_IDENTIFIER_URIS");
    },
  );
});
