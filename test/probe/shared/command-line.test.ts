import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readCommand as readSuiteCommand } from "../../../probe/authsuite/command-line.ts";
import { readCommand as readDoctorCommand } from "../../../probe/doctor/command-line.ts";
import { CannotRun } from "../../../probe/shared/command-line.ts";
import { verifies } from "../../requirements.ts";

const url = "https://mcp.contoso.example/mcp";
const stdin = () => Readable.from(["Bearer piped-token\n"]);

describe.each([
  [
    "authsuite",
    async (args: readonly string[]) => {
      const command = await readSuiteCommand(args, stdin());
      return command.kind === "run" ? command.options : command;
    },
  ],
  [
    "doctor",
    async (args: readonly string[]) => {
      const command = await readDoctorCommand(args, stdin(), {});
      return command.kind === "examine" ? command.subject : command;
    },
  ],
])("the command line of the %s", (_, read) => {
  it(verifies("doctor.command-line", "takes a token as copied from standard input"), async () => {
    expect(await read([url, "--token", "-"])).toMatchObject({ token: "piped-token" });
    expect(await read([url, "--token", "Bearer good"])).toMatchObject({ token: "good" });
  });

  it("asks for help and for the list of checks", async () => {
    expect(await read(["--help"])).toEqual({ kind: "help" });
    expect(await read(["--list"])).toEqual({ kind: "list" });
  });

  it.each<[args: string[], words: RegExp]>([
    [[], /Which server\?/],
    [["mcp.contoso.example/mcp"], /URL, such as https:\/\/mcp\.contoso\.example\/mcp\./],
    [["localhost:7071/mcp"], /URL, such as http:\/\/localhost:7071\/mcp\./],
    [["ftp://mcp.contoso.example/mcp"], /URL, such as https:\/\/mcp\.example\.com\/mcp\./],
    [["https://user:word@mcp.contoso.example/mcp"], /no http or https URL/],
    [[`${url}#part`], /no http or https URL/],
    [[url, "again"], /what is again\?/],
    [[url, "--colour"], /^Unknown option '--colour'\.\n/],
    [[url, "--token="], /empty, or has characters/],
    [[url, "--token=a b"], /empty, or has characters/],
    [[url, "--origin=https://app.contoso.example/page"], /no origin/],
    [[url, "--timeout=0"], /--timeout takes a whole number of seconds from 1 to 9999, not 0/],
    [
      [url, "--timeout=10000"],
      /--timeout takes a whole number of seconds from 1 to 9999, not 10000/,
    ],
  ])(verifies("doctor.command-line", "says what is wrong with %j"), async (args, words) => {
    const attempt = read(args);
    await expect(attempt).rejects.toThrow(CannotRun);
    await expect(attempt).rejects.toThrow(words);
  });
});
