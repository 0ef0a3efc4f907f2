import { expect, it } from "vitest";
import { domain } from "../../src/expenses/domain.ts";
import { verifies } from "../requirements.ts";
import { connectApp } from "../support/call-tool.ts";
import { clientKinds } from "../support/clients.ts";
import { composeForTest } from "../support/composed.ts";

it.each(clientKinds)(
  verifies("view.opens", "a client of the kind %s finds and reads the view as a resource"),
  async (kind) => {
    const client = await connectApp(await composeForTest(domain), {}, kind);
    const uri = "ui://expenses/view.html";
    expect((await client.listResources()).resources).toContainEqual(
      expect.objectContaining({ uri, mimeType: "text/html;profile=mcp-app" }),
    );
    const [contents] = (await client.readResource({ uri })).contents;
    expect(contents).toMatchObject({
      uri,
      mimeType: "text/html;profile=mcp-app",
      text: expect.stringMatching(/^<!doctype html>/i),
    });
  },
);
