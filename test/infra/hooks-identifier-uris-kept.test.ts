import { describe, expect, it } from "vitest";
import { addIdentifierUris } from "../../infra/hooks/identifier-uris/add.ts";
import { refreshIdentifierUris } from "../../infra/hooks/identifier-uris/refresh.ts";
import { success } from "../../src/core/result.ts";
import { verifies } from "../requirements.ts";
import { copilot, custom, deployment, own, platform, tenantId } from "./hooks/deployment.ts";
import { fakeAzd, paper } from "./hooks/fakes.ts";
import { application, createTenant, type TenantOptions } from "./hooks/tenant.ts";

describe("the next provisioning", () => {
  it(
    verifies("hooks.identifier-uris-kept", "loses nothing, and asks for nothing twice"),
    async () => {
      const { provision, list, tenant } = deployment({
        MCP_URL: custom,
        FURTHER_IDENTIFIER_URIS: copilot,
      });
      await provision();
      const first = list();
      expect(first).toEqual([own, custom, platform, copilot]);
      const requests = tenant.requests.length;
      expect((await provision()).trim()).toBe("");
      expect(list()).toEqual(first);
      expect(tenant.requests.slice(requests).filter((each) => each.startsWith("PATCH"))).toEqual(
        [],
      );
    },
  );

  it(verifies("hooks.identifier-uris-kept", "keeps what was added by hand"), async () => {
    const { provision, change, list, azd } = deployment(
      {},
      { verifiedDomains: ["contoso.example"] },
    );
    await provision();
    change([own, copilot]);
    await provision();
    expect(list()).toEqual([own, copilot]);
    expect(azd.kept.ACCEPTED_IDENTIFIER_URIS).toBe(copilot);
  });

  it(
    verifies("hooks.identifier-uris-kept", "does not bring back what was removed by hand"),
    async () => {
      const { provision, change, list, azd } = deployment({ MCP_URL: custom });
      await provision();
      change([own, custom]);
      for (const _ of ["once", "twice"]) {
        expect(await provision()).toContain(`${platform} was removed from the registration`);
        expect(list()).toEqual([own, custom]);
      }
      expect(await provision()).toContain('azd env set REMOVED_IDENTIFIER_URIS ""');
      azd.kept.REMOVED_IDENTIFIER_URIS = "";
      await provision();
      expect(list()).toEqual([own, custom, platform]);
    },
  );

  it(
    verifies("hooks.identifier-uris-kept", "forgets that a URI was removed that is back"),
    async () => {
      const { provision, change, list, azd } = deployment();
      await provision();
      change([own]);
      await provision();
      expect(azd.kept.REMOVED_IDENTIFIER_URIS).toBe(platform);
      change([own, platform]);
      await provision();
      expect(list()).toEqual([own, platform]);
      expect(azd.kept.REMOVED_IDENTIFIER_URIS).toBe("");
    },
  );

  it(
    verifies("hooks.identifier-uris-kept", "keeps the last known list that cannot be read"),
    async () => {
      const known = { ACCEPTED_IDENTIFIER_URIS: custom };
      const { refresh, azd } = deployment(known, {
        answerWith: () => new Response(null, { status: 403 }),
      });
      const { text } = await refresh();
      expect(text).toContain("could not be read: Microsoft Graph does not let you (403)");
      expect(text).toContain(`the last known ones: ${custom}`);
      expect(azd.kept).toEqual({});
    },
  );

  it(
    verifies("hooks.identifier-uris-kept", "begins anew where the registration is gone"),
    async () => {
      const { refresh, azd } = deployment(
        { ACCEPTED_IDENTIFIER_URIS: custom, REMOVED_IDENTIFIER_URIS: platform },
        { foundTooLate: 1_000 },
      );
      const { text, waited } = await refresh();
      expect(waited).toBe(0);
      expect(text).toContain("is gone");
      expect(azd.kept).toEqual({ ACCEPTED_IDENTIFIER_URIS: "", REMOVED_IDENTIFIER_URIS: "" });
    },
  );

  it(verifies("hooks.identifier-uris-kept", "says what it cannot keep"), async () => {
    const odd = ["api://a,b", "api://a$(id)"];
    const { refresh, azd } = deployment({}, { found: { identifierUris: [own, ...odd, custom] } });
    const { text } = await refresh();
    for (const uri of odd) expect(text).toContain(JSON.stringify(uri));
    expect(azd.kept.ACCEPTED_IDENTIFIER_URIS).toBe(custom);
  });

  it(
    verifies(
      "hooks.identifier-uris-kept",
      "does not forget what was removed where azd fails midway",
    ),
    async () => {
      const { print } = paper();
      const made = application("mcp-abc123", { identifierUris: [own] });
      const kept: string[] = [];
      const azd = {
        ...fakeAzd(),
        async keep(name: string, value: string) {
          if (kept.length > 0) return fakeAzd({ keep: "disk full" }).keep(name, value);
          kept.push(`${name}=${value}`);
          return success(undefined);
        },
      };
      const env = {
        AZURE_TENANT_ID: tenantId,
        ACCEPTED_IDENTIFIER_URIS: custom,
        ENTRA_APPLICATION_CLIENT_ID: made.appId,
        ENTRA_APPLICATION_UNIQUE_NAME: "mcp-abc123",
      };
      await refreshIdentifierUris({
        env,
        azd,
        print,
        fetch: createTenant({ items: [made] }).fetch,
      });
      expect(kept).toEqual([`REMOVED_IDENTIFIER_URIS=${custom}`]);
    },
  );

  it(verifies("hooks.identifier-uris-kept", "says where the list could not be noted"), async () => {
    const { print, text } = paper();
    const made = application("mcp-abc123", { identifierUris: [own, custom] });
    const { fetch } = createTenant({ items: [made] });
    const azd = fakeAzd({ keep: "no environment selected" });
    const env = {
      AZURE_TENANT_ID: tenantId,
      ENTRA_APPLICATION_CLIENT_ID: made.appId,
      ENTRA_APPLICATION_UNIQUE_NAME: "mcp-abc123",
    };
    await refreshIdentifierUris({ env, azd, print, fetch });
    expect(text()).toContain("could not be noted: no environment selected");
  });
});

describe("an existing app registration", () => {
  const brought = (found: Readonly<Record<string, unknown>>, options: TenantOptions = {}) => {
    const existing = application(null, { ...found });
    const made = deployment(
      { ENTRA_CLIENT_ID: existing.appId, MCP_URL: custom },
      { ...options, items: [existing] },
    );
    return { ...made, clientId: existing.appId };
  };
  const isChange = (request: string) => !request.startsWith("GET");

  it(
    verifies("hooks.identifier-uris-existing", "is looked at, and what it lacks is said"),
    async () => {
      const { add, refresh, tenant, azd, clientId } = brought({ identifierUris: ["api://x"] });
      const { text } = await add();
      expect(text).toContain(`lacks identifier URIs: ${custom}, ${platform}.`);
      expect(text).toContain(`--identifier-uris api://x ${custom} ${platform}\n`);
      expect(text).toContain(`leave out ${platform}`);
      const version = `az ad app update --id ${clientId} --set api.requestedAccessTokenVersion=2`;
      expect(text.indexOf(version)).toBeGreaterThan(0);
      expect(text.indexOf(version)).toBeLessThan(text.indexOf("--identifier-uris"));
      expect((await refresh()).text).toBe("");
      expect(tenant.requests.filter(isChange)).toEqual([]);
      expect(azd.kept).toEqual({});
    },
  );

  it(
    verifies("hooks.identifier-uris-existing", "is passed over where it lacks nothing"),
    async () => {
      const { add } = brought({
        identifierUris: ["api://x", custom, platform],
        api: { requestedAccessTokenVersion: 2 },
      });
      expect((await add()).text).toBe("");
    },
  );

  it(verifies("hooks.identifier-uris-existing", "may be closed to whoever deploys"), async () => {
    const { add, clientId } = brought(
      { identifierUris: [] },
      { answerWith: () => new Response(null, { status: 403 }) },
    );
    const { text } = await add();
    expect(text).toContain(`az ad app show --id ${clientId} --query identifierUris`);
    expect(text).toContain(`${custom}, ${platform}`);
  });
});

it(verifies("hooks.identifier-uris", "says so before the first deployment"), async () => {
  const { print, text } = paper();
  const azd = fakeAzd();
  await addIdentifierUris({ env: {}, azd, print });
  await refreshIdentifierUris({ env: {}, azd, print });
  expect(text()).toContain("azd provision");
  expect(azd.scopes).toEqual([]);
});
