import { beforeEach, describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { browserPath, launchBrowser, noBrowser } from "../support/browser.ts";
import { sample, type ToolCall } from "../support/domains.ts";
import {
  callInPage,
  inspectorProgram,
  openSignInPage,
  signInToTools,
  startInspector,
} from "../support/inspector.ts";
import { runNode } from "../support/run-program.ts";
import { sharedStack } from "../support/shared-stack.ts";

const { running, folder, tokenOf } = sharedStack();

describe("the Inspector's command line", () => {
  async function inspect(...args: string[]) {
    const options = { env: { HOME: folder() } };
    const all = ["--cli", running().mcp, ...args];
    const { code, stdout, stderr } = await runNode(inspectorProgram, all, options);
    return { code, output: stdout + stderr };
  }

  async function bearer(username: string): Promise<string> {
    return `Authorization: Bearer ${await tokenOf(username)}`;
  }

  it(verifies("client.inspector", "is told that it must sign in"), async () => {
    const { code, output } = await inspect("--method", "tools/list");
    expect(code).toBe(3);
    expect(output).toContain("auth_required");
  });

  it.each(["legacy", "modern"])(
    verifies("client.inspector", "stores something and lists it, in the era %s"),
    async (era) => {
      const header = await bearer("user1@contoso.example");
      const call = ({ name, arguments: toolArguments }: ToolCall) => {
        const given = Object.entries(toolArguments).map(([field, value]) => `${field}=${value}`);
        return inspect(
          "--protocol-era",
          era,
          "--method",
          "tools/call",
          "--tool-name",
          name,
          ...(given.length > 0 ? ["--tool-arg", ...given] : []),
          "--header",
          header,
        );
      };
      const text = `Lunch by ${era} Inspector`;
      expect(await call(sample.store(text))).toMatchObject({ code: 0 });
      const listed = await call(sample.list);
      expect(listed.output).toContain(text);
      expect(listed.output).toContain('"structuredContent"');
    },
  );
});

describe("the Inspector's web page, by the README's command", () => {
  it(verifies("client.inspector-page", "is served, for the server that it names"), async () => {
    await using inspector = await startInspector(running().mcp, folder());
    expect(await (await fetch(inspector.url)).text()).toContain("<title>MCP Inspector</title>");
    const token = inspector.url.searchParams.get("MCP_INSPECTOR_API_TOKEN");
    const config = await fetch(new URL("/api/config", inspector.url), {
      headers: { "x-mcp-remote-auth": `Bearer ${token}` },
    });
    expect(await config.json()).toMatchObject({ defaultServerUrl: running().mcp });
  });

  describe("in a browser", () => {
    beforeEach(({ skip }) => skip(browserPath === undefined, noBrowser));

    it(verifies(
      "client.inspector-page",
      "signs a person in, calls tools, and asks before one deletes",
    ), async () => {
      await using inspector = await startInspector(running().mcp, folder());
      await using browser = await launchBrowser(browserPath ?? "");
      const page = await openSignInPage(browser, inspector);
      await signInToTools(page, "user1@contoso.example");
      await page.getByText("delete_user_expense", { exact: true }).waitFor();
      expect(await page.getByText("get_expense_stats").count()).toBe(0);

      await callInPage(page, "get_user_details");
      await page.getByText("display name: Uma First").waitFor();

      await callInPage(page, "add_user_expense", {
        date: "2026-11-20",
        amount: "12.50",
        category: "food",
        description: "Lunch in the Inspector",
        payment_method: "visa",
      });
      const recorded = await page.getByText(/Recorded: .*Lunch in the Inspector/).innerText();
      const [, id = ""] = /id ([\w-]+), version/.exec(recorded) ?? [];
      await callInPage(page, "delete_user_expense", { id });
      await page.getByText(/Delete this expense\? It cannot be undone/).waitFor();
      await page.getByRole("button", { name: "Submit" }).click();
      await page.getByText(/Deleted: .*Lunch in the Inspector/).waitFor();
    }, 120_000);
  });
});
