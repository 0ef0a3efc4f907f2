import { describe, expect, it } from "vitest";
import { CannotStart, readCommand } from "../../bridge/command-line.ts";
import { createLog } from "../../bridge/log.ts";
import { verifies } from "../requirements.ts";

const messageOf = (...args: string[]) => {
  try {
    readCommand(args);
  } catch (error) {
    if (error instanceof CannotStart) return error.message;
  }
  return undefined;
};

describe("the bridge's command line", () => {
  it(verifies("bridge.command-line", "keeps the URL to the letter"), () => {
    const given = "https://MCP.contoso.com/mcp";
    expect(readCommand(["--url", given])).toMatchObject({
      kind: "serve",
      server: { given, url: new URL(given) },
    });
  });

  it(verifies("bridge.command-line", "reads what the user says of signing in"), () => {
    const url = ["--url", "https://mcp.contoso.com/mcp"];
    expect(readCommand([...url, "--login", "--account", "me@contoso.com"])).toMatchObject({
      kind: "login",
      choices: { account: "me@contoso.com", clientId: undefined, deviceCode: false },
    });
    expect(
      readCommand([...url, "--insecure-token-file", "--client-id=1", "--logout"]),
    ).toMatchObject({ kind: "logout", choices: { plainFile: true, clientId: "1" } });
  });

  it.each([
    [[], "Which server? Give --url."],
    [["--url"], "--url"],
    [["--url", "https://a.example/mcp", "more"], "What is more? Options"],
    [["--url", "https://a.example/mcp", "--login", "--logout"], "do not go together"],
    [["--url", "https://a.example/mcp", "--client-id"], "--client-id"],
    [["--uri", "https://a.example/mcp"], "Unknown option '--uri'"],
  ])(verifies("bridge.command-line", "refuses %j"), (args, words) => {
    expect(messageOf(...args)).toContain(words);
  });

  it.each([
    ["http://localhost:7071/mcp"],
    ["http://127.0.0.1:7071/mcp"],
    ["http://[::1]:7071/mcp"],
    ["https://mcp.contoso.com/mcp?a=b"],
  ])(verifies("bridge.https", "accepts %s"), (url) => {
    expect(messageOf("--url", url)).toBeUndefined();
  });

  it.each([
    ["http://mcp.contoso.com/mcp", "unencrypted"],
    ["http://localhost.contoso.com/mcp", "unencrypted"],
    ["http://127.0.0.1.contoso.com/mcp", "unencrypted"],
    ["http://10.0.0.1/mcp", "unencrypted"],
    ["mcp.contoso.com/mcp", "no https URL"],
    ["file:///etc/passwd", "no https URL"],
    ["javascript:alert(1)", "no https URL"],
    ["https://user:secret@mcp.contoso.com/mcp", "user name or password"],
    ["https://mcp.contoso.com/mcp#x", "fragment"],
    // Asked for with a blank in it, a scope would be two, and the second one of another API.
    ["https://mcp.contoso.com/mcp https://graph.microsoft.com", "no URL to the letter"],
    ["https://mcp.contoso.com/mcp\thttps://graph.microsoft.com", "no URL to the letter"],
    ["https://mcp.contoso.com/mcp\n", "Is it https://mcp.contoso.com/mcp?"],
    ["https:mcp.contoso.com/mcp", "Is it https://mcp.contoso.com/mcp?"],
    ["https:\\\\mcp.contoso.com\\mcp", "Is it https://mcp.contoso.com/mcp?"],
    ["https://mcp.contoso.com/`id`", "no URL to the letter"],
    ["https://mcp.cont\u043eso.com/mcp", "Is it https://mcp.xn--"],
  ])(verifies("bridge.https", "refuses %s"), (url, words) => {
    expect(messageOf("--url", url)).toContain(words);
    expect(messageOf("--url", url)).not.toContain("secret");
  });
});

describe("the bridge's log", () => {
  it(verifies("bridge.log", "shows no token and commands no terminal"), () => {
    const lines: string[] = [];
    const log = createLog((line) => lines.push(line), { verbose: true });
    const part = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ";
    log.say(`Refused: ${part}.${part}.${part}\u001b]0;owned\u0007`);
    log.detail("authorization: Bearer 0.opaque-token_of/another+kind==");
    expect(lines.join("")).not.toMatch(/eyJ|opaque|another|[^\P{Cc}\n]/u);
    expect(lines).toHaveLength(2);
  });

  it(verifies("bridge.log", "tells of every message only where it is asked to"), () => {
    const lines: string[] = [];
    const log = createLog((line) => lines.push(line), { verbose: false });
    log.detail("tools/list 200");
    log.say("The server cannot be reached.");
    expect(lines).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d bridge: The server .+\n$/)]);
  });
});
