import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { checkClients } from "../../infra/hooks/registered-clients/check.ts";
import { verifies } from "../requirements.ts";
import { fakeAzd, paper } from "./hooks/fakes.ts";
import {
  application,
  createTenant,
  type Item,
  refusal,
  type TenantOptions,
} from "./hooks/tenant.ts";

const [owner, stranger] = [randomUUID(), randomUUID()];
const api = application("mcp-abc123", { owners: [owner] });
const callback = "https://chatgpt.com/connector/oauth/a";
const elsewhere = "https://chatgpt.com.evil.example/connector/oauth/a";

const chatgpt = (properties: Readonly<Record<string, unknown>> = {}) =>
  application("mcp-abc123-chatgpt", { owners: [owner], ...properties });

/** Runs the hook over a tenant; gives whether the deployment may go on. */
async function check(
  items: readonly Item[],
  env: NodeJS.ProcessEnv = {},
  options: TenantOptions = {},
  failing = {},
) {
  const { print, text } = paper();
  const tenant = createTenant({ items: [api, ...items], ...options });
  const mayGoOn = await checkClients({
    env: {
      ENTRA_APPLICATION_CLIENT_ID: api.appId,
      ENTRA_APPLICATION_UNIQUE_NAME: "mcp-abc123",
      REGISTER_CLIENTS: "chatgpt",
      ...env,
    },
    azd: fakeAzd(failing),
    print,
    fetch: tenant.fetch,
  });
  return { mayGoOn, text: text(), requests: tenant.requests };
}

describe("before a deployment the hook", () => {
  it.each([
    ["of a stranger", { owners: [owner, stranger] }, `object id ${stranger}`],
    [
      "that somebody has left, with a callback in it",
      { owners: [], publicClient: { redirectUris: [elsewhere] } },
      elsewhere,
    ],
    [
      "that somebody has handed over, with a callback in it",
      { owners: [owner], spa: { redirectUris: ["https://evil.example/"] } },
      "https://evil.example/",
    ],
    [
      "that asks for device codes",
      { owners: [], isFallbackPublicClient: true },
      "Allow public client flows",
    ],
  ])(
    verifies("register-client.stranger", "stops where a new client has a registration %s"),
    async (_, properties, words) => {
      const planted = chatgpt(properties);
      const { mayGoOn, text } = await check([planted]);
      expect(mayGoOn).toBe(false);
      expect(text).toContain(words);
      expect(text).toContain(`az ad app delete --id ${planted.appId}`);
      expect(text).toContain("Nothing was deployed.");
    },
  );

  it.each([
    ["owners", { owners: [stranger] }, stranger],
    ["callbacks", { replyUrls: ["https://evil.example/"] }, "https://evil.example/"],
  ])(
    verifies("register-client.stranger", "stops where its service principal has a stranger's %s"),
    async (_, properties, words) => {
      const planted = chatgpt();
      const { id, appId } = planted;
      const principal: Item = {
        ...properties,
        type: "servicePrincipal",
        id,
        appId,
        uniqueName: null,
      };
      const { mayGoOn, text } = await check([planted, principal]);
      expect(mayGoOn).toBe(false);
      expect(text).toContain(words);
    },
  );

  it.each([
    ["there is none", [], {}],
    ["it is the person's own", [chatgpt({ publicClient: { redirectUris: [callback] } })], {}],
    [
      "the person has named the callback",
      [chatgpt({ web: { redirectUris: [elsewhere] } })],
      {
        REGISTER_CLIENTS: `chatgpt=${elsewhere}`,
        REGISTERED_CALLBACKS: `chatgpt=${elsewhere}`,
      },
    ],
    ["no client is to be registered", [chatgpt({ owners: [stranger] })], { REGISTER_CLIENTS: "" }],
    ["the template refuses it", [], { REGISTER_CLIENTS: "notepad,constructor" }],
    ["the registration is brought along", [], { ENTRA_CLIENT_ID: api.appId }],
  ])(verifies("register-client.stranger", "lets it go on where %s"), async (_, items, env) => {
    expect(await check(items, env)).toMatchObject({ mayGoOn: true, text: "" });
  });

  it(verifies("register-client.stranger", "does not look at what it has made"), async () => {
    const known = chatgpt({ owners: [stranger] });
    const env = { REGISTERED_CLIENTS: `chatgpt=${known.appId}` };
    expect(await check([known], env)).toEqual({ mayGoOn: true, text: "", requests: [] });
  });

  it.each([
    ["nobody is signed in", {}, { token: "not logged in" }, "not logged in"],
    ["the tenant does not tell", { answerWith: () => refusal(403, "") }, {}, "(403)"],
    ["Graph answers nonsense", { answerWith: () => Response.json([]) }, {}, "not understood"],
  ])(verifies("register-client.stranger", "stops where %s"), async (_, options, failing, words) => {
    const { mayGoOn, text } = await check([chatgpt()], {}, options, failing);
    expect(mayGoOn).toBe(false);
    expect(text).toContain(words);
    expect(text).toContain("npm run register-client -- chatgpt");
  });

  it.each([
    ["before the first deployment", { ENTRA_APPLICATION_CLIENT_ID: "" }],
    ["after it", {}],
  ])(
    verifies("register-client.callback", "refuses a callback of another place %s"),
    async (_, env) => {
      const wanted = `chatgpt=${callback},chatgpt=${elsewhere}`;
      const { mayGoOn, text } = await check([], { ...env, REGISTER_CLIENTS: wanted });
      expect(mayGoOn).toBe(false);
      expect(text).toContain(`"${elsewhere}" cannot be for chatgpt. It is none of ChatGPT's`);
      expect(text).not.toContain(`"${callback}"`);
    },
  );

  it(
    verifies("register-client.callback", "takes one that somebody has added in the portal"),
    async () => {
      const known = chatgpt({ publicClient: { redirectUris: [elsewhere] } });
      const env = {
        REGISTER_CLIENTS: `chatgpt=${elsewhere}`,
        REGISTERED_CLIENTS: `chatgpt=${known.appId}`,
      };
      expect(await check([known], env)).toMatchObject({ mayGoOn: true, text: "" });
    },
  );
});
