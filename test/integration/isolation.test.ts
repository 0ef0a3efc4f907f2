import { describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { connectClient, textOf } from "../support/clients.ts";
import { sample } from "../support/domains.ts";
import { control, sharedStack } from "../support/shared-stack.ts";

const { store, list, administrative } = sample;
const { running, tokenOf } = sharedStack();

async function clientOf(username: string) {
  return connectClient("modern", new URL(running().mcp), { accessToken: await tokenOf(username) });
}

describe("two people", () => {
  it(verifies("isolation.cursor", "cannot continue each other's pages"), async () => {
    const [one, other] = [
      await clientOf("user1@contoso.example"),
      await clientOf("user2@contoso.example"),
    ];
    await one.callTool(store("The first page", 1));
    await one.callTool(store("The second page", 0));
    const page = await one.callTool({ ...list, arguments: { limit: 1 } });
    expect(textOf(page)).toContain("The first page");
    const { next_cursor: cursor } = page.structuredContent as { next_cursor: string };
    const stolen = await other.callTool({ ...list, arguments: { cursor } });
    expect(stolen.isError).toBe(true);
    expect(textOf(stolen)).toContain("given to somebody else");
    const own = await one.callTool({ ...list, arguments: { limit: 1, cursor } });
    expect(textOf(own)).toContain("The second page");
  });
});

describe("an outage", () => {
  it(verifies("outage.fails-closed", "of Graph hides the administrators' tool"), async () => {
    await control(running().graph, "/_local/throttle", {
      count: 2,
      status: 503,
      retryAfterSeconds: 60,
    });
    const admin = await clientOf("admin@contoso.example");
    const names = (await admin.listTools()).tools.map(({ name }) => name);
    expect(names).toContain(list.name);
    expect(names).not.toContain(administrative.name);
    const refused = await admin.callTool(administrative);
    expect(refused.isError).toBe(true);
    expect(textOf(refused)).toContain("cannot be checked right now");
    expect((await admin.callTool(administrative)).isError).not.toBe(true);
  });

  it(verifies("outage.graph-words", "of the exchange is a tool error in plain words"), async () => {
    await control(running().authority, "/_local/demands", {
      username: "user2@contoso.example",
      code: "AADSTS65001",
    });
    const client = await clientOf("user2@contoso.example");
    const result = await client.callTool({ name: "get_user_details", arguments: {} });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toBe(
      "This server has not been given consent to use the company directory as you. An administrator has to grant it.",
    );
    await running().logged("AADSTS65001");
  });
});
