import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { verifies } from "../requirements.ts";
import { sample, type ToolCall } from "../support/domains.ts";
import { sharedStack } from "../support/shared-stack.ts";

const { running, folder, tokenOf } = sharedStack();

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
      expect(listed.output).toContain('"amount": 12.5');
    },
  );
});
