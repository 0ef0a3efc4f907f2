import { describe, expect, it } from "vitest";
import { isBroughtAlong, madeByDeployment } from "../../infra/hooks/directory-objects.ts";
import { askGateway } from "../../infra/hooks/gateway-metadata.ts";
import { lookAtGatewayRegistration } from "../../infra/hooks/gateway-registration.ts";
import { verifies } from "../requirements.ts";
import { fakeAzd, fakeClock, paper } from "./hooks/fakes.ts";
import { application, createTenant, type TenantOptions } from "./hooks/tenant.ts";

const url = "https://mcp.contoso.example/gateway/mcp";
const callback = "https://mcp.contoso.example/gateway/callback";
const sound = {
  isFallbackPublicClient: false,
  publicClient: { redirectUris: [] },
  spa: { redirectUris: [] },
  web: { redirectUris: [callback] },
  passwordCredentials: [],
  keyCredentials: [],
};

/** What the hook says of a gateway's registration that has these properties. */
async function look(
  properties: Readonly<Record<string, unknown>>,
  { env = {}, ...options }: TenantOptions & { readonly env?: NodeJS.ProcessEnv } = {},
) {
  const gateway = application("mcp-gateway-abc123", { ...sound, ...properties });
  const tenant = createTenant({ ...options, items: [gateway, ...(options.items ?? [])] });
  const { print, text } = paper();
  const clock = fakeClock();
  await lookAtGatewayRegistration({
    env: { GATEWAY_URL: url, ENTRA_GATEWAY_CLIENT_ID: gateway.appId, ...env },
    azd: fakeAzd(),
    print,
    clock,
    fetch: tenant.fetch,
  });
  return { text: text(), clientId: gateway.appId, tenant, waited: clock.waited() };
}

describe("after a deployment the gateway's registration", () => {
  it(
    verifies(
      "gateway.hooks.registration",
      "is left alone and unmentioned where it is as it should be",
    ),
    async () => {
      const { text, tenant } = await look({}, { foundTooLate: 2 });
      expect(text).toBe("");
      expect(tenant.requests.every((request) => request.startsWith("GET "))).toBe(true);
      const off = await look({}, { env: { GATEWAY_URL: "" } });
      expect(off.tenant.requests).toEqual([]);
    },
  );

  it(
    verifies("gateway.hooks.registration", "is told to lack its callback, with what adds it"),
    async () => {
      const web = { redirectUris: ["https://old.contoso.example/gateway/callback"] };
      const { text, clientId } = await look({ web });
      expect(text).toContain("AADSTS50011");
      expect(text).toContain(
        `az ad app update --id ${clientId} --web-redirect-uris ${web.redirectUris[0]} ${callback}`,
      );
    },
  );

  it.each([
    ["another callback", { web: { redirectUris: [callback, "https://evil.example/"] } }, "evil.ex"],
    ["a page's callback", { spa: { redirectUris: ["https://evil.example/"] } }, "evil.example"],
    ["a program's callback", { publicClient: { redirectUris: ["http://localhost"] } }, "localhost"],
    ["sign-in by device code", { isFallbackPublicClient: true }, "device code"],
    ["a secret", { passwordCredentials: [{ displayName: "x" }] }, "has a secret or a certificate"],
    ["a certificate", { keyCredentials: [{}] }, "has a secret or a certificate"],
  ])(
    verifies("gateway.hooks.registration", "is told to have %s too much"),
    async (_, its, said) => {
      const { text } = await look(its);
      expect(text).toContain(said);
      expect(text.split("\n")).toHaveLength(1);
    },
  );

  it(
    verifies(
      "gateway.hooks.registration",
      "has to be pre-authorised by an existing one of the API",
    ),
    async () => {
      const id = "c0ffee00-0000-4000-8000-000000000001";
      const existing = (appId?: string) => ({
        ...application(null, {
          api: { preAuthorizedApplications: appId === undefined ? [] : [{ appId }] },
        }),
        appId: id,
      });
      const lacking = await look({}, { items: [existing()], env: { ENTRA_CLIENT_ID: id } });
      expect(lacking.text).toContain("does not pre-authorise the gateway's");
      expect(lacking.text).toContain(lacking.clientId);
      const gatewayId = "c0ffee00-0000-4000-8000-00000000000a";
      const { text } = await look(
        {},
        {
          items: [
            existing(gatewayId.toUpperCase()),
            { ...application("given", sound), appId: gatewayId },
          ],
          env: { ENTRA_CLIENT_ID: id, ENTRA_GATEWAY_CLIENT_ID: gatewayId },
        },
      );
      expect(text).toBe("");
    },
  );

  it(
    verifies("gateway.hooks.registration", "keeps no deployment up where it cannot be read"),
    async () => {
      const { text, waited } = await look({}, { foundTooLate: 1_000 });
      expect(text).toContain("could not be looked at: it is not there");
      expect(waited).toBe(60_000);
      const answerWith = () => new Response(null, { status: 403 });
      expect((await look({}, { answerWith })).text).toContain("Microsoft Graph does not let you");
    },
  );

  it(
    verifies("gateway.hooks.down", "is removed with the others, unless it was brought along"),
    () => {
      const id = "c0ffee00-0000-4000-8000-00000000000a";
      const env = { ENTRA_GATEWAY_CLIENT_ID: id, ENTRA_GATEWAY_UNIQUE_NAME: "mcp-gateway-abc123" };
      const made = { type: "application", id, uniqueName: "mcp-gateway-abc123" } as const;
      expect(madeByDeployment(env)).toEqual([made]);
      expect(madeByDeployment({ ...env, ENTRA_GATEWAY_UNIQUE_NAME: "" })).toEqual([]);
      expect(isBroughtAlong(made, { GATEWAY_CLIENT_ID: id.toUpperCase() })).toBe(true);
      expect(isBroughtAlong(made, {})).toBe(false);
    },
  );
});

describe("after a deployment the gateway", () => {
  const issuer = "https://mcp.contoso.example/gateway";
  const asked: string[] = [];
  const answering = (answer: () => Response) => async (input: string | URL | Request) => {
    asked.push(String(input));
    return answer();
  };

  it(verifies("gateway.hooks.metadata", "is asked by its public name"), async () => {
    const fetch = answering(() => Response.json({ issuer }));
    expect(await askGateway(url, fetch)).toBeUndefined();
    expect(asked).toEqual([
      "https://mcp.contoso.example/.well-known/oauth-authorization-server/gateway",
    ]);
  });

  it.each([
    ["is not registered", () => new Response(null, { status: 404 }), "answers 404"],
    ["has another issuer", () => Response.json({ issuer: `${issuer}/` }), "does not name"],
    ["answers with a page", () => new Response("<html>"), "does not name"],
    [
      "is not there",
      () => Promise.reject(new TypeError("x", { cause: new Error("ENOTFOUND") })),
      "ENOTFOUND",
    ],
  ])(verifies("gateway.hooks.metadata", "is told about where it %s"), async (_, answer, said) => {
    const problem = await askGateway(url, answering(answer as () => Response));
    expect(problem).toContain(said);
    expect(problem).toContain("/.well-known/oauth-authorization-server/gateway");
  });
});
