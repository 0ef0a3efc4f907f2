import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { domain } from "../../src/domain.ts";
import { verifies } from "../requirements.ts";
import { clientId, connect, url } from "../support/connect.ts";
import { temporaryFolder } from "../support/stack.ts";

const gateway = "https://mcp.contoso.com/gateway/mcp";

it.each([
  ["--gateway", url],
  ["--url alone", gateway],
])(verifies("connect.gateway", "has the URL alone, by %s"), async (how, given) => {
  await using home = await temporaryFolder();
  const option = how === "--gateway" ? ["--gateway"] : [];
  const { stdout } = await connect(home.path, "cursor", ...option, "--url", given);
  const [json = "{}"] = /^\{$.+?^\}$/ms.exec(stdout) ?? [];
  expect(JSON.parse(json)).toEqual({
    mcpServers: { [`${domain.name}-gateway`]: { url: gateway } },
  });
  expect(stdout).toContain("GATEWAY_REGISTRATION=on");
  expect(stdout).not.toContain("register-client");
});

it(verifies("connect.gateway", "is written into a client's file, and taken out"), async () => {
  await using home = await temporaryFolder();
  await mkdir(join(home.path, ".cursor"));
  const options = ["cursor", "--gateway", "--url", "http://localhost:7071/mcp"];
  const path = join(home.path, ".cursor", "mcp.json");
  expect(await connect(home.path, ...options, "--write")).toMatchObject({ code: 0 });
  const name = `${domain.name}-gateway-local`;
  expect(JSON.parse(await readFile(path, "utf8")).mcpServers).toEqual({
    [name]: { url: "http://localhost:7071/gateway/mcp" },
  });
  const undo = ["cursor", "--undo", "--name", name];
  expect(await connect(home.path, ...undo)).toMatchObject({ code: 0 });
  expect(JSON.parse(await readFile(path, "utf8")).mcpServers).toEqual({});
});

it.each(["claude", "chatgpt"])(
  verifies("connect.gateway", "needs no client id: %s"),
  async (client) => {
    await using home = await temporaryFolder();
    const { code, stdout } = await connect(home.path, client, "--gateway", "--url", url);
    expect(code).toBe(0);
    expect(stdout).toContain(gateway);
    expect(stdout).not.toMatch(/client id|Scopes|Callback/i);
  },
);

it.each([
  ["claude-desktop", [], "mcp-remote"],
  ["copilot-studio", [], "way of its own into Entra"],
  ["cursor", ["--client-id", clientId], "URL alone"],
  ["cursor", ["--bridge"], "URL alone"],
])(verifies("connect.gateway", "refuses %s with %j"), async (client, further, why) => {
  await using home = await temporaryFolder();
  const refused = await connect(home.path, client, "--gateway", "--url", url, ...further);
  expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(why) });
});
