import { expect, it } from "vitest";
import { describedServer } from "../../scripts/connect/described-server.ts";
import { verifies } from "../requirements.ts";
import { clientId, connect, connectTo, url } from "../support/connect.ts";

it(verifies("connect.scope", "asks the server where the deployment is elsewhere"), async () => {
  const server = {
    resource: url,
    scopes_supported: ["api://tenant/expenses/user_impersonation"],
    authorization_servers: ["https://login.microsoftonline.com/tenant/v2.0"],
  };
  const { stdout } = await connectTo(server, "/none", "copilot-studio", "--url", url);
  expect(stdout).toContain("api://tenant/expenses/user_impersonation offline_access");
  expect(stdout).toContain("https://login.microsoftonline.com/tenant/oauth2/v2.0/token");
  expect(stdout).not.toContain("did not say");
  const id = ["--client-id", clientId];
  const code = await connectTo(server, "/none", "claude-code", "--url", url, ...id);
  expect(code.stdout).toContain(`"scopes": "${server.scopes_supported[0]} offline_access"`);
  const silent = await connect("/none", "cursor", "--url", url, ...id);
  expect(silent.stdout).toContain("did not say which scope it has");
  expect(silent.stdout).toContain("offline_access");
});

it.each([
  ["another server's metadata", { resource: "https://other.example/mcp" }],
  ["no scope", { scopes_supported: [] }],
  ["a bare scope", { scopes_supported: ["user_impersonation"] }],
  ["what a shell reads", { scopes_supported: ["api://a/$(id)"] }],
  ["control characters", { scopes_supported: ["api://a/\u001b[2J"] }],
  ["an authority elsewhere", { authorization_servers: ["https://login.example/tenant/v2.0"] }],
])(verifies("connect.scope", "takes nothing from %s"), async (_, changes) => {
  const answer = async () => Response.json({ resource: url, ...changes });
  expect(await describedServer(url, answer)).toEqual({});
});
