import { describe, expect, it } from "vitest";
import { refreshRegisteredClients } from "../../infra/hooks/registered-clients/refresh.ts";
import { verifies } from "../requirements.ts";
import { fakeAzd, paper } from "./hooks/fakes.ts";
import { application, createTenant, refusal, type TenantOptions } from "./hooks/tenant.ts";

const chatgpt = application("mcp-abc123-chatgpt", {
  publicClient: { redirectUris: ["https://chatgpt.com/connector/oauth/by-hand"] },
});
const claude = application("mcp-abc123-claude", {
  publicClient: {
    redirectUris: ["https://claude.ai/api/mcp/auth_callback", "https://claude.com/another"],
  },
});
const copilotStudio = application("mcp-abc123-copilot-studio", {
  web: { redirectUris: ["https://global.consent.azure-apim.net/redirect/a"] },
  publicClient: { redirectUris: [] },
});

/** Runs the hook; gives what the variable holds after it. */
async function refresh(env: NodeJS.ProcessEnv, options: TenantOptions = {}, failing = {}) {
  const azd = fakeAzd(failing);
  const { print, text } = paper();
  const tenant = createTenant({ items: [chatgpt, claude, copilotStudio], ...options });
  await refreshRegisteredClients({ env, azd, print, fetch: tenant.fetch });
  return { kept: azd.kept.REGISTER_CLIENTS, text: text(), requests: tenant.requests };
}

const registered = [
  ["chatgpt", chatgpt],
  ["claude", claude],
  ["copilot-studio", copilotStudio],
] as const;
const env = {
  REGISTER_CLIENTS:
    "chatgpt=https://chatgpt.com/connector/oauth/removed,claude,copilot-studio,cursor",
  REGISTERED_CLIENTS: registered.map(([name, { appId }]) => `${name}=${appId}`).join(),
  REGISTERED_CALLBACKS: "chatgpt=https://chatgpt.com/connector/oauth/removed",
};

describe("before a deployment the hook", () => {
  it(
    verifies("register-client.kept", "takes over the callbacks that registrations have by now"),
    async () => {
      const { kept, text } = await refresh(env);
      expect(kept).toBe(
        "chatgpt=https://chatgpt.com/connector/oauth/by-hand,claude=https://claude.com/another,copilot-studio=https://global.consent.azure-apim.net/redirect/a,cursor",
      );
      expect(text).toBe("");
    },
  );

  it(
    verifies("register-client.kept", "keeps a callback that was set after the last deployment"),
    async () => {
      const callback = "https://chatgpt.com/connector/oauth/new";
      const { kept } = await refresh({ ...env, REGISTER_CLIENTS: `chatgpt=${callback}` });
      expect(kept).toBe(`chatgpt=https://chatgpt.com/connector/oauth/by-hand,chatgpt=${callback}`);
    },
  );

  it(
    verifies("register-client.kept", "leaves out what a list or a shell would read otherwise"),
    async () => {
      const odd = 'https://chatgpt.com/"$(id)\u001b[2J';
      const publicClient = { redirectUris: [odd, "https://chatgpt.com/a,b"] };
      const { kept, text } = await refresh(env, {
        items: [{ ...chatgpt, publicClient }, claude, copilotStudio],
      });
      expect(kept).toMatch(/^chatgpt,claude=/);
      expect(text).toContain(
        `ChatGPT's callback ${JSON.stringify(odd)} has characters that no list here can hold: it is removed.`,
      );
      expect(text).toContain("https://chatgpt.com/a,b");
    },
  );

  it(verifies("register-client.kept", "writes nothing where nothing has changed"), async () => {
    const { kept } = await refresh({ ...env, REGISTER_CLIENTS: (await refresh(env)).kept });
    expect(kept).toBeUndefined();
  });

  it.each([
    ["that it does not register", { ...env, REGISTER_CLIENTS: "" }],
    ["of an existing registration", { ...env, ENTRA_CLIENT_ID: chatgpt.appId }],
    ["that are not there yet", { REGISTER_CLIENTS: "claude" }],
  ])(verifies("register-client.kept", "does not look at clients %s"), async (_, values) => {
    const { kept, text, requests } = await refresh(values);
    expect([kept, text, requests]).toEqual([undefined, "", []]);
  });

  it(verifies("register-client.kept", "keeps what is known of one that is gone"), async () => {
    const { kept, text } = await refresh(env, { items: [claude, copilotStudio] });
    expect(kept).toContain("chatgpt=https://chatgpt.com/connector/oauth/removed,");
    expect(text).toBe("");
  });

  it.each([
    ["nobody is signed in", {}, { token: "not logged in" }, "not logged in"],
    [
      "one cannot be read",
      {
        answerWith: (line: string) => (line.includes(chatgpt.appId) ? refusal(403, "") : undefined),
      },
      {},
      "ChatGPT's registration were not taken over",
    ],
    ["azd keeps nothing", {}, { keep: "read-only" }, "read-only"],
  ])(
    verifies("register-client.kept", "says so where %s, and lets the deployment go on"),
    async (_, options, failing, words) => {
      const { text } = await refresh(env, options, failing);
      expect(text).toContain(words);
      expect(text).toContain("This deployment gives it those of");
    },
  );
});
