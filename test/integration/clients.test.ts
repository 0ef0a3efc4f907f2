import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { clientKinds, textOf } from "../support/clients.ts";
import { connectSigningIn, createSigningInProvider } from "../support/person.ts";
import { sharedStack } from "../support/shared-stack.ts";

const { running, folder, tokenOf } = sharedStack();

describe.each(clientKinds)("a client of the kind %s that knows nothing but the URL", (kind) => {
  it(
    verifies(
      ["client.sign-in", "client.refresh"],
      "finds where to sign in, registers, signs in, calls a tool, and refreshes its token",
    ),
    async () => {
      const username = "user1@contoso.example";
      const memory = createSigningInProvider(username);
      const client = await connectSigningIn(kind, new URL(running().mcp), memory);
      expect(memory.callback().searchParams.get("iss")).toBe(running().authority);
      const details = await client.callTool({ name: "get_user_details", arguments: {} });
      expect(textOf(details)).toContain(username);

      memory.spoilAccessToken();
      const again = await client.callTool({ name: "get_user_details", arguments: {} });
      expect(textOf(again)).toContain(username);
      expect(memory.signIns()).toBe(1);
      await client.close();
    },
  );
});

describe("the Inspector's command line", () => {
  const manifest = createRequire(import.meta.url).resolve(
    "@modelcontextprotocol/inspector/package.json",
  );
  const inspector = join(manifest, "..", "clients", "launcher", "build", "index.js");

  async function inspect(...args: string[]) {
    const child = spawn(process.execPath, [inspector, "--cli", running().mcp, ...args], {
      env: { ...process.env, HOME: folder() },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, output };
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
    verifies("client.inspector", "adds an expense and lists it, in the era %s"),
    async (era) => {
      const header = await bearer("user1@contoso.example");
      const call = (tool: string, ...toolArguments: string[]) =>
        inspect(
          "--protocol-era",
          era,
          "--method",
          "tools/call",
          "--tool-name",
          tool,
          ...(toolArguments.length > 0 ? ["--tool-arg", ...toolArguments] : []),
          "--header",
          header,
        );
      const added = await call(
        "add_user_expense",
        "date=2026-11-20",
        "amount=12.50",
        "category=food",
        `description=Lunch by ${era} Inspector`,
        "payment_method=visa",
      );
      expect(added).toMatchObject({ code: 0 });
      const listed = await call("get_user_expenses", "category=food");
      expect(listed.output).toContain(`Lunch by ${era} Inspector`);
      expect(listed.output).toContain('"amount": 12.5');
    },
  );
});
