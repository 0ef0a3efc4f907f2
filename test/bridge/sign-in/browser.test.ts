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
import { authorityUrl, cloud } from "./support.ts";

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
    const url = `${cloud}/x?a=1&touch${"$IFS"}y;id|id\`id\`$(id)'"`;
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
