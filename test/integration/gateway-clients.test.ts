import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { describe, expect, it, onTestFinished } from "vitest";
import { apiScope } from "../../local/directory.ts";
import { projectFolder } from "../../local/paths.ts";
import { signIn } from "../../local/sign-in.ts";
import { verifies } from "../requirements.ts";
import { createStdioClient } from "../support/bridged-client.ts";
import { browserPath, launchBrowser, noBrowser } from "../support/browser.ts";
import { clientKinds, textOf } from "../support/clients.ts";
import { signInAtGateway } from "../support/gateway-client.ts";
import {
  callInPage,
  inspectorProgram,
  openSignInPage,
  signInToTools,
  startInspector,
} from "../support/inspector.ts";
import { personsMachine } from "../support/machine.ts";
import { runNode } from "../support/run-program.ts";
import { control, sharedStack } from "../support/shared-stack.ts";

const [user, other, admin] = ["user1", "user2", "admin"].map(
  (name) => `${name}@contoso.example`,
) as [string, string, string];
const { running, folder } = sharedStack();
const issuer = () => new URL("/gateway", running().mcp).href;
const atAuthority = (path: string, body: unknown) => control(running().authority, path, body);

describe.each(clientKinds)("the %s client", (kind) => {
  it(
    verifies("gateway.entra-down", "fails while Entra is down, and goes on without its person"),
    async () => {
      const { client, person, answered, whoAmI } = await signInAtGateway(kind, running(), user);
      onTestFinished(() => atAuthority("/_local/outage", {}));
      await atAuthority("/_local/outage", { token: true });
      person.spoilAccessToken();
      answered.length = 0;
      await expect(whoAmI()).rejects.toThrow();
      expect(answered).toEqual(["mcp 401", "token 503"]);
      await atAuthority("/_local/outage", {});
      expect(await whoAmI()).toContain("Uma First");
      expect(person.signIns()).toBe(1);
      await client.close();
    },
  );

  it(
    verifies("gateway.account-disabled", "ends with its person's account, and begins anew with it"),
    async () => {
      const { client, person, answered, whoAmI } = await signInAtGateway(kind, running(), user);
      const enabled = (is: boolean) =>
        atAuthority("/_local/accounts", { username: user, enabled: is });
      onTestFinished(() => enabled(true));
      await enabled(false);
      person.spoilAccessToken();
      answered.length = 0;
      await expect(whoAmI()).rejects.toThrow();
      expect(answered).toEqual(["mcp 401", "token 400"]);
      expect(person.signIns()).toBe(2);
      await client.close();
      await enabled(true);
      const again = await signInAtGateway(kind, running(), user);
      expect(await again.whoAmI()).toContain("Uma First");
      await again.client.close();
    },
  );

  it(
    verifies("gateway.two-accounts", "serves two people side by side, and ends one alone"),
    async () => {
      const [one, two] = await Promise.all([
        signInAtGateway(kind, running(), user),
        signInAtGateway(kind, running(), other),
      ]);
      expect(await Promise.all([one.whoAmI(), two.whoAmI()])).toEqual([
        expect.stringContaining("Uma First"),
        expect.stringContaining("Ugo Second"),
      ]);

      const erase = { name: "delete_user_data", arguments: {} };
      const asked = textOf(await one.client.callTool(erase));
      const [confirmation] = /^[\w-]{60,99}$/m.exec(asked) ?? [];
      const erased = await one.client.callTool({ ...erase, arguments: { confirmation } });
      expect(erased.isError, textOf(erased)).not.toBe(true);
      one.answered.length = 0;
      await expect(one.whoAmI()).rejects.toThrow(/[Uu]nauthorized/);
      expect(one.answered).toEqual(["mcp 401", "token 400"]);
      expect(one.person.signIns()).toBe(2);
      expect(await two.whoAmI()).toContain("Ugo Second");
      expect(two.person.signIns()).toBe(1);
      await Promise.all([one.client.close(), two.client.close()]);
    },
  );
});

describe("in a browser", () => {
  it(verifies(
    "gateway.connection-ended",
    "a person ends a connection, and is asked to sign in",
  ), async ({ skip }) => {
    skip(browserPath === undefined, noBrowser);
    const connected = await signInAtGateway("modern", running(), admin);
    const { client, person, answered, whoAmI } = connected;
    expect(await whoAmI()).toContain("Ada Admin");

    await using browser = await launchBrowser(browserPath ?? "");
    const page = await browser.newPage();
    await page.goto(`${issuer()}/connections`);
    await page.getByRole("button", { name: admin }).click();
    await page.getByRole("heading", { name: "Integration test" }).waitFor();
    await page.getByRole("button", { name: "End this connection" }).click();
    await page.getByText("The connection of Integration test has ended.").waitFor();
    await page.getByText("No application is connected to Expenses").waitFor();

    answered.length = 0;
    await expect(whoAmI()).rejects.toThrow(/[Uu]nauthorized/);
    expect(answered).toEqual(["mcp 401", "token 400"]);
    await client.close();
    const again = await connected.signedInAgain();
    const details = await again.callTool({ name: "get_user_details", arguments: {} });
    expect(textOf(details)).toContain("Ada Admin");
    expect(person.signIns()).toBe(2);
    await again.close();
  }, 120_000);

  it(verifies(
    "gateway.inspector",
    "the Inspector asks for consent, signs in, and calls tools",
  ), async ({ skip }) => {
    skip(browserPath === undefined, noBrowser);
    const { gateway } = running();
    await using inspector = await startInspector(gateway, folder());
    await using browser = await launchBrowser(browserPath ?? "");
    const page = await openSignInPage(browser, inspector);
    await page.getByRole("heading", { name: "Allow access to Expenses?" }).waitFor();
    await page.getByText("Nobody vouches for it.").waitFor();
    await page.getByRole("button", { name: "Allow" }).click();
    await signInToTools(page, user);
    await callInPage(page, "get_user_details");
    await page.getByText("display name: Uma First").waitFor();
  }, 120_000);
});

describe("the Inspector's command line", () => {
  const inspect = async (...args: string[]) => {
    const whole = ["--cli", running().gateway, ...args];
    const options = { env: { HOME: folder() } };
    const { code, stdout, stderr } = await runNode(inspectorProgram, whole, options);
    return { code, output: stdout + stderr };
  };

  it(
    verifies("gateway.inspector", "is told that it must sign in, and lists by a token"),
    async () => {
      const refused = await inspect("--method", "tools/list");
      expect(refused).toMatchObject({ code: 3, output: expect.stringContaining("auth_required") });
      const { accessToken } = await signIn({
        ...{ issuer: issuer(), username: user, scope: apiScope, clientName: "Test" },
      });
      const header = ["--header", `Authorization: Bearer ${accessToken}`];
      const listed = await inspect("--method", "tools/list", ...header);
      expect(listed).toMatchObject({
        code: 0,
        output: expect.stringContaining("get_user_details"),
      });
    },
  );
});

describe("mcp-remote", () => {
  const program = join(projectFolder, "node_modules", "mcp-remote", "dist", "proxy.js");

  it(verifies("gateway.mcp-remote", "signs its person in once, refreshes, and goes on"), async ({
    skip,
  }) => {
    skip(process.platform !== "linux", "it opens the browser that BROWSER names on Linux alone");
    const machine = await personsMachine(user);
    const connect = async () => {
      const client = createStdioClient("legacy");
      const args = [program, running().gateway];
      await client.connect(
        new StdioClientTransport({
          ...{ command: process.execPath, args, env: machine.environment, stderr: "ignore" },
        }),
      );
      onTestFinished(() => client.close());
      const whoAmI = async () => textOf(await client.callTool({ name: "get_user_details" }));
      return { client, whoAmI };
    };
    const first = await connect();
    const { tools } = await first.client.listTools();
    expect(tools.map(({ name }) => name)).toContain("get_user_details");
    expect(await first.whoAmI()).toContain("Uma First");

    const before = await spoilAccessToken(machine.home);
    expect(await first.whoAmI()).toContain("Uma First");
    await first.client.close();
    const after = await spoilAccessToken(machine.home);
    expect(after).not.toBe(before);
    const second = await connect();
    expect(await second.whoAmI()).toContain("Uma First");
    expect(await machine.opened()).toHaveLength(1);
  }, 60_000);

  /** Makes the access token that it keeps one that no server accepts; resolves with its refresh token. */
  async function spoilAccessToken(home: string): Promise<string> {
    const kept = join(home, ".mcp-auth");
    const [file = ""] = (await readdir(kept, { recursive: true })).filter((name) =>
      name.endsWith("_tokens.json"),
    );
    const path = join(kept, file);
    const tokens = JSON.parse(await readFile(path, "utf8"));
    await writeFile(path, JSON.stringify({ ...tokens, access_token: `${tokens.access_token}x` }));
    return tokens.refresh_token;
  }
});
