import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readCommand } from "../../../probe/doctor/command-line.ts";
import { CannotRun } from "../../../probe/shared/command-line.ts";
import { verifies } from "../../requirements.ts";

const url = "https://mcp.contoso.example/mcp";

function read(args: readonly string[], { stdin = "", env = {} } = {}) {
  return readCommand(args, Readable.from([stdin]), env);
}

describe("the command line", () => {
  it(verifies("doctor.command-line", "is read whole"), async () => {
    const args = [url, "--token=good", "--call", "--origin=https://app.contoso.example"];
    expect(await read([...args, "--timeout=5", "--json"])).toEqual({
      kind: "examine",
      json: true,
      subject: {
        target: new URL(url),
        token: "good",
        origin: "https://app.contoso.example",
        call: true,
        timeout: 5_000,
      },
    });
    expect(await read([url])).toMatchObject({
      json: false,
      subject: { token: undefined, origin: undefined, call: false, timeout: 10_000 },
    });
  });

  it(verifies("doctor.command-line", "takes whose sign-in to look at"), async () => {
    const id = "11111111-2222-4333-8444-555555555555";
    const redirectUri = "https://claude.ai/api/mcp/auth_callback";
    const args = [url, `--client-id=${id}`, `--redirect-uri=${redirectUri}`];
    expect(await read(args)).toMatchObject({ subject: { client: { id, redirectUri } } });
  });

  it(verifies("doctor.command-line", "else takes the token from the environment"), async () => {
    const env = { MCP_TOKEN: "environments-token" };
    expect(await read([url, "--token", "-"], { stdin: "piped-token", env })).toMatchObject({
      subject: { token: "piped-token" },
    });
    expect(await read([url], { env })).toMatchObject({ subject: { token: env.MCP_TOKEN } });
    expect(await read([url], { env: { MCP_TOKEN: "" } })).toMatchObject({
      subject: { token: undefined },
    });
  });

  it(verifies("doctor.explain", "takes one code or several, or a whole message"), async () => {
    expect(await read(["--explain", "65001", "AADSTS50105"])).toEqual({
      kind: "explain",
      codes: ["AADSTS65001", "AADSTS50105"],
      json: false,
    });
    expect(await read(["--explain", "-"], { stdin: "AADSTS50011: The redirect" })).toMatchObject({
      codes: ["AADSTS50011"],
    });
  });

  it(verifies("doctor.command-line", "says what is wrong with it"), async () => {
    const mistakes: [args: string[], words: RegExp][] = [
      [[url, "--call"], /--call needs a token/],
      [["--explain=hello"], /no error code of Entra's/],
      [[url, "--client-id=x"], /--client-id and --redirect-uri go together/],
      [[url, "--redirect-uri=http://localhost"], /go together/],
      [[url, "--client-id=x", "--redirect-uri=localhost/a"], /localhost\/a is no redirect URI/],
      [[url, "--client-id=x", "--redirect-uri=http://localhost/#a"], /is no redirect URI/],
    ];
    for (const [args, words] of mistakes) {
      const attempt = read(args);
      await expect(attempt).rejects.toThrow(CannotRun);
      await expect(attempt).rejects.toThrow(words);
    }
  });
});
