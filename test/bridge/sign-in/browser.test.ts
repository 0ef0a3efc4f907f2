import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  browsableUrl,
  browserCommand,
  systemBrowser,
} from "../../../bridge/sign-in/ways/browser.ts";
import { verifies } from "../../requirements.ts";
import { testMachine } from "../cache/support.ts";
import { authorityUrl, cloud, startBridge, testEntra } from "./support.ts";

const local = "https://localhost:7443/tenant";

describe("the page that is opened", () => {
  it.each([
    ["file:///bin/sh", authorityUrl],
    ["javascript:alert(1)", authorityUrl],
    ["vscode://evil/x", authorityUrl],
    ["http://login.microsoftonline.com/x", authorityUrl],
    ["https://evil.example/x", authorityUrl],
    ["https://login.microsoftonline.com.evil.example/x", authorityUrl],
    ["https://user@login.microsoftonline.com/x", authorityUrl],
    [`${cloud}/x#y`, authorityUrl],
    [`${cloud}/${"x".repeat(9000)}`, authorityUrl],
    ["http://localhost:1/x", authorityUrl],
    ["-e calc", authorityUrl],
    ["https://evil.example/x", local],
    [`${cloud}/x`, local],
  ])(verifies("bridge.sign-in.page", "is not %s"), (url, authority) => {
    expect(browsableUrl(url, authority)).toBeUndefined();
  });

  it(verifies("bridge.sign-in.page", "has nothing in it that a shell would act on"), () => {
    const hostile = `${cloud}/authorize?a=$(id)&b=\`id\`;c|d>e<f'g"h\\i%24{j}^k!l*m~n&o=%26%20 p`;
    const url = browsableUrl(hostile, authorityUrl);
    expect(url).toMatch(/^[\w.~:/?&=%+-]+$/);
    expect(new URL(url ?? "").searchParams.get("a")).toBe("$(id)");
    expect(new URL(url ?? "").searchParams.get("o")).toBe("&  p");
    expect(browsableUrl("http://localhost:7080/authorize?x=1", local)).toBe(
      "http://localhost:7080/authorize?x=1",
    );
  });

  it(
    verifies("bridge.sign-in.page", "is none where the authority names one elsewhere"),
    async () => {
      const entra = await testEntra();
      const base = entra.origin.replace("http:", "https:");
      const hostile: typeof fetch = async () =>
        Response.json({
          issuer: `${base}/x.example/v2.0`,
          token_endpoint: `${base}/token`,
          jwks_uri: `${base}/keys`,
          authorization_endpoint: "https://evil.example/$(calc)",
        });
      const bridge = await startBridge(entra, {
        choices: { tenant: `${base}/x.example` },
        parts: { fetch: hostile },
      });
      expect(await bridge.failure()).toEqual({
        kind: "refused",
        words: "The authority names a sign-in page elsewhere.",
      });
      expect(bridge.opened).toEqual([]);
    },
  );

  it(verifies("bridge.sign-in.page", "leads to no endpoint elsewhere"), async () => {
    const entra = await testEntra();
    const base = entra.origin.replace("http:", "https:");
    const asked: string[] = [];
    const hostile: typeof fetch = async (input) => {
      asked.push(String(input));
      return Response.json({
        issuer: `${base}/x.example/v2.0`,
        authorization_endpoint: `${base}/authorize`,
        token_endpoint: "https://evil.example/token",
        device_authorization_endpoint: "https://evil.example/devicecode",
        jwks_uri: `${base}/keys`,
      });
    };
    const choices = { tenant: `${base}/x.example`, deviceCode: true };
    const bridge = await startBridge(entra, { choices, parts: { fetch: hostile } });
    expect(await bridge.failure()).toMatchObject({
      kind: "refused",
      words: expect.stringContaining("The authority points away from"),
    });
    expect(asked.filter((url) => url.includes("evil"))).toEqual([]);
  });
});

describe("the program that opens it", () => {
  const home = "/home/me";

  it(verifies("bridge.sign-in.browser-program", "is the system's, without a shell"), () => {
    const command = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv = {}) =>
      browserCommand({ platform, env, home });
    const [program, argument] = command("win32", { SystemRoot: "C:\\WINDOWS" }) ?? [];
    expect([program, argument]).toEqual([
      expect.stringMatching(/^C:\\WINDOWS.System32.rundll32\.exe$/),
      "url.dll,FileProtocolHandler",
    ]);
    expect(command("darwin")).toEqual(["/usr/bin/open"]);
    expect(command("linux")).toBeUndefined();
    expect(command("linux", { DISPLAY: ":0" })).toEqual(["xdg-open"]);
    expect(command("linux", { BROWSER: "/opt/host-browser" })).toEqual(["/opt/host-browser"]);
    expect(command("linux", { BROWSER: "sh -c 'calc %s'" })).toBeUndefined();
  });

  it(verifies("bridge.sign-in.browser-program", "gets the URL as one argument"), async () => {
    const machine = await testMachine();
    const program = join(machine.home, "browser");
    await writeFile(program, '#!/bin/sh\necho "$#:$1" > "$0.got"\nexit 3\n');
    await chmod(program, 0o700);
    const open = systemBrowser({ ...machine, env: { ...process.env, BROWSER: program } });
    const url = `${cloud}/x?a=1&b=2`;
    const failed = await new Promise<string>((resolve) => open?.(url, resolve));
    expect(failed).toBe(`${program} ended with 3`);
    expect(await readFile(`${program}.got`, "utf8")).toBe(`1:${url}\n`);
  });

  it(verifies("bridge.sign-in.browser-program", "may be missing"), async () => {
    const machine = await testMachine();
    const env = { DISPLAY: ":0", PATH: machine.home };
    const open = systemBrowser({ ...machine, env });
    const failed = await new Promise<string>((resolve) => open?.(`${cloud}/x`, resolve));
    expect(failed).toContain("ENOENT");
  });
});
