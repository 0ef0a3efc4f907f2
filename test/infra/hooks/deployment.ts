import { addIdentifierUris } from "../../../infra/hooks/identifier-uris/add.ts";
import { refreshIdentifierUris } from "../../../infra/hooks/identifier-uris/refresh.ts";
import { fakeAzd, fakeClock, paper } from "./fakes.ts";
import { application, createTenant, type Item, type TenantOptions } from "./tenant.ts";

export const tenantId = "0f8fad5b-d9cb-469f-a165-70867728950e";
export const own = `api://${tenantId}/mcp-abc123`;
export const platform = "https://func-abc123.azurewebsites.net/mcp";
export const custom = "https://mcp.contoso.example/mcp";
export const copilot = "api://auth-5f1e/abc";
export const noRights = (request: string) =>
  request.startsWith("PATCH") ? new Response(null, { status: 403 }) : undefined;

/** A deployment's environment and its tenant, in which provisioning can be repeated. */
export function deployment(
  settings: NodeJS.ProcessEnv = {},
  options: TenantOptions & { readonly found?: Readonly<Record<string, unknown>> } = {},
) {
  const made = application("mcp-abc123", { identifierUris: [own], ...options.found });
  const tenant = createTenant({ ...options, items: [made, ...(options.items ?? [])] });
  const azd = fakeAzd();
  const env = (): NodeJS.ProcessEnv => ({
    AZURE_TENANT_ID: tenantId,
    ENTRA_APPLICATION_CLIENT_ID: made.appId,
    ENTRA_APPLICATION_UNIQUE_NAME: "mcp-abc123",
    SERVICE_MCP_HOST_NAME: "func-abc123.azurewebsites.net",
    MCP_URL: platform,
    ...settings,
    ...azd.kept,
  });
  const change = (identifierUris: readonly string[]) => {
    const index = tenant.items.findIndex(({ id }) => id === made.id);
    tenant.items[index] = { ...tenant.items[index], identifierUris } as Item;
  };
  const hook = async (run: typeof addIdentifierUris) => {
    const { print, text } = paper();
    const clock = fakeClock();
    await run({ env: env(), azd, print, fetch: tenant.fetch, clock });
    return { text: text(), waited: clock.waited() };
  };
  return {
    clientId: made.appId,
    tenant,
    azd,
    change,
    list: () => tenant.items.find(({ id }) => id === made.id)?.identifierUris,
    refresh: () => hook(refreshIdentifierUris),
    add: () => hook(addIdentifierUris),
    /** As azd does it: hook, template, hook. */
    async provision() {
      const before = await hook(refreshIdentifierUris);
      const accepted = (env().ACCEPTED_IDENTIFIER_URIS ?? "").split(",").filter(Boolean);
      change([...new Set([own, ...accepted])]);
      const after = await hook(addIdentifierUris);
      return `${before.text}\n${after.text}`;
    },
  };
}
