import { describe, expect, it } from "vitest";
import { postdeploy } from "../../infra/hooks/postdeploy.ts";
import { verifies } from "../requirements.ts";
import { fakeClock, paper } from "./hooks/fakes.ts";

const deployed = {
  MCP_URL: "https://mcp.contoso.example/mcp",
  SERVICE_MCP_HOST_NAME: "func-abc123.azurewebsites.net",
  ENTRA_APPLICATION_CLIENT_ID: "c0ffee00-0000-4000-8000-000000000001",
  ENTRA_APPLICATION_UNIQUE_NAME: "mcp-abc123",
};

/** Runs the hook over a server that answers as given, and then goes on with the last answer. */
async function run(
  answers: readonly (number | Error)[],
  { env = {}, doctor = 0 }: { env?: NodeJS.ProcessEnv; doctor?: number } = {},
) {
  const { print, text } = paper();
  const asked: string[] = [];
  const examined: string[] = [];
  const clock = fakeClock();
  const code = await postdeploy({
    env: { ...deployed, ...env },
    print,
    clock,
    fetch: async (input) => {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push(String(input));
      if (answer instanceof Error) throw new TypeError("fetch failed", { cause: answer });
      return new Response(null, { status: answer ?? 200 });
    },
    runDoctor: async (url) => {
      examined.push(url);
      return doctor;
    },
  });
  return { code, text: text(), asked, examined, waited: clock.waited() };
}

describe("after a deployment the hook", () => {
  it(
    verifies("hooks.ready", "waits until the function app is ready, and says what it waits for"),
    async () => {
      const cold = [new Error("getaddrinfo ENOTFOUND"), 503, 503, 200];
      const { code, asked, waited, text } = await run(cold);
      expect(code).toBe(0);
      expect(new Set(asked)).toEqual(
        new Set(["https://func-abc123.azurewebsites.net/health/ready"]),
      );
      expect(waited).toBe(15_000);
      expect(text.match(/not ready yet/g)).toHaveLength(2);
      expect(text).toContain("ENOTFOUND");
    },
  );

  it(verifies("hooks.ready", "asks through API Management where that is in front"), async () => {
    const gateway = { API_MANAGEMENT_GATEWAY_URL: "https://apim-abc123.azure-api.net" };
    const { asked } = await run([200], { env: gateway });
    expect(asked).toEqual(["https://apim-abc123.azure-api.net/health/ready"]);
  });

  it(verifies("gateway.hooks.metadata", "asks the gateway too, where it is on"), async () => {
    const GATEWAY_URL = "https://mcp.contoso.example/gateway/mcp";
    const { asked, code, text } = await run([200, 404], { env: { GATEWAY_URL } });
    expect(code).toBe(0);
    expect(asked.at(-1)).toBe(
      "https://mcp.contoso.example/.well-known/oauth-authorization-server/gateway",
    );
    expect(text).toContain("The gateway is on, but its metadata answers 404");
    expect(text).toContain(`Gateway      ${GATEWAY_URL}`);
    expect((await run([200])).text).not.toContain("Gateway");
  });

  it(
    verifies("hooks.ready", "gives up after ten minutes, and lets the doctor say why"),
    async () => {
      const { code, waited, examined, text } = await run([503], { doctor: 1 });
      expect(code).toBe(0);
      expect(waited).toBeLessThanOrEqual(600_000);
      expect(waited).toBeGreaterThan(590_000);
      expect(text).toContain("did not get ready within 10 minutes");
      expect(examined).toEqual(["https://mcp.contoso.example/mcp"]);
    },
  );

  it(
    verifies("hooks.doctor", "says plainly that the doctor found something, and does not fail"),
    async () => {
      const { code, text } = await run([200], { doctor: 1 });
      expect(code).toBe(0);
      expect(text).toContain("The server is deployed, but something is wrong with it");
      expect(text).toContain("npm run doctor -- https://mcp.contoso.example/mcp");
      const healthy = await run([200]);
      expect(healthy.text).not.toContain("wrong");
    },
  );

  it(verifies("hooks.next-steps", "tells the URL, and how to connect a client"), async () => {
    const { text } = await run([200]);
    expect(text).toContain('Start above "azure"');
    expect(text).toContain("npm run connect -- CLIENT --url https://mcp.contoso.example/mcp\n");
  });

  it(
    verifies("hooks.next-steps", "tells that there are no alerts without an address"),
    async () => {
      const command = "azd env set ALERT_EMAIL";
      expect((await run([200])).text).toContain(command);
      const watched = await run([200], { env: { ALERT_EMAIL: "operators@contoso.com" } });
      expect(watched.text).not.toContain(command);
    },
  );

  it(
    verifies("hooks.next-steps", "tells how to grant consent where the deployment did not"),
    async () => {
      const command = `az ad app permission admin-consent --id ${deployed.ENTRA_APPLICATION_CLIENT_ID}`;
      expect((await run([200])).text).toContain(command);
      const granted = await run([200], { env: { GRANT_ADMIN_CONSENT: "true" } });
      expect(granted.text).not.toContain(command);
      const brought = await run([200], { env: { ENTRA_APPLICATION_UNIQUE_NAME: "" } });
      expect(brought.text).not.toContain(command);
    },
  );

  it.each(["", "func-abc123"])(
    verifies(
      "hooks.next-steps",
      "fails where the environment does not say where the server is: %j",
    ),
    async (url) => {
      const { code, text, examined } = await run([200], { env: { MCP_URL: url } });
      expect(code).toBe(1);
      expect(text).toContain("azd provision");
      expect(examined).toEqual([]);
    },
  );

  it(
    verifies(
      "register-client.deployed",
      "says what to enter in the clients that it has registered",
    ),
    async () => {
      const [cursor, chatgpt, bridge] = [1, 2, 3].map(
        (digit) => `c0ffee00-0000-4000-8000-00000000000${digit}`,
      );
      const { text } = await run([200], {
        env: {
          REGISTERED_CLIENTS: `cursor=${cursor},chatgpt=${chatgpt},bridge=${bridge}`,
          REGISTER_CLIENTS: "cursor,chatgpt,bridge",
          ALLOWED_CLIENT_IDS: `${cursor},${chatgpt}`,
        },
      });
      const { MCP_URL: url } = deployed;
      expect(text).toContain(`npm run connect -- cursor --url ${url} --client-id ${cursor}`);
      expect(text).toContain("npm run register-client -- chatgpt --callback URL");
      expect(text).toContain(
        `npm run connect -- claude-desktop --url ${url} --client-id ${bridge}`,
      );
      expect(text.match(/ALLOWED_CLIENT_IDS leaves it out: add (\S+),/)?.[1]).toBe(bridge);
    },
  );

  it(verifies("register-client.deployed", "asks for no callback that the client has"), async () => {
    const { text } = await run([200], {
      env: {
        REGISTERED_CLIENTS: "chatgpt=c0ffee00-0000-4000-8000-000000000002",
        REGISTER_CLIENTS: "chatgpt=https://chatgpt.com/connector/oauth/a",
      },
    });
    expect(text).toContain("npm run connect -- chatgpt");
    expect(text).not.toContain("--callback");
  });
});
