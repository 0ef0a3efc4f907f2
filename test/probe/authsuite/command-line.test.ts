import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { readCommand } from "../../../probe/authsuite/command-line.ts";
import { CannotRun } from "../../../probe/shared/command-line.ts";
import { temporaryFolder } from "../../support/stack.ts";

const url = "https://mcp.contoso.example/mcp";

async function optionsOf(...args: string[]) {
  const command = await readCommand(args, Readable.from(["piped-token\n"]));
  if (command.kind !== "run") throw new Error(command.kind);
  return command.options;
}

describe("the command line", () => {
  it("takes a URL and what is known of the server", async () => {
    const command = await readCommand(
      [
        url,
        "--token=good",
        "--expired-token=old",
        "--origin=https://app.contoso.example",
        "--profile=entra",
        "--body-limit=1000",
        "--timeout=5",
        "--pause=20",
        "--only=challenge,metadata.path",
        "--skip=challenge.scope",
        "--json",
      ],
      Readable.from([]),
    );
    expect(command).toEqual({
      kind: "run",
      json: true,
      options: {
        target: new URL(url),
        token: "good",
        expiredToken: "old",
        signingKey: undefined,
        origin: "https://app.contoso.example",
        profile: "entra",
        bodyLimit: 1000,
        timeout: 5_000,
        pause: 20,
        only: ["challenge", "metadata.path"],
        skip: ["challenge.scope"],
        laptop: undefined,
      },
    });
  });

  it("takes the laptop stack with or without a port", async () => {
    expect((await optionsOf("--laptop")).laptop).toEqual({
      port: undefined,
      dataFolder: undefined,
    });
    expect((await optionsOf("--laptop", "7071")).laptop).toMatchObject({ port: 7071 });
    expect((await optionsOf("--laptop", "--data", "there")).laptop).toEqual({
      port: undefined,
      dataFolder: "there",
    });
    const both = await optionsOf("--laptop", url);
    expect([both.laptop?.port, both.target?.href]).toEqual([undefined, url]);
  });

  it("reads the signing key from a file", async () => {
    await using folder = await temporaryFolder();
    const privateKey = join(folder.path, "private.json");
    const publicKey = join(folder.path, "public.json");
    await writeFile(privateKey, '{"kty":"EC","d":"secret"}');
    await writeFile(publicKey, '{"kty":"EC"}');
    const { signingKey } = await optionsOf(url, "--signing-key", privateKey);
    expect(signingKey).toEqual({ kty: "EC", d: "secret" });
    await expect(optionsOf(url, "--signing-key", publicKey)).rejects.toThrow("no private key");
    const missing = optionsOf(url, "--signing-key", join(folder.path, "none"));
    await expect(missing).rejects.toThrow("cannot be read");
  });

  it("says what is wrong with it", async () => {
    const mistakes: [args: string[], words: RegExp][] = [
      [[url, "--expired-token=a\nb"], /empty, or has characters/],
      [[url, "--profile=okta"], /generic or entra, not okta/],
      [[url, "--pause=fast"], /--pause takes a whole number/],
      [[url, "--data=there"], /--data is for --laptop/],
    ];
    for (const [args, words] of mistakes) {
      const attempt = optionsOf(...args);
      await expect(attempt).rejects.toThrow(CannotRun);
      await expect(attempt).rejects.toThrow(words);
    }
  });
});
