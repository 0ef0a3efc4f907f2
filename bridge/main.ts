/** `npm run bridge -- --url URL`: MCP over stdio to a remote server, signed in as a person. */
import { Console } from "node:console";
import { homedir } from "node:os";
import { env, platform } from "node:process";
import { folderPath, hasTokens } from "./cache/folder.ts";
import { CannotStart, readCommand, usage } from "./command-line.ts";
import { createLog, printable } from "./log.ts";
import { lazyTokenSource } from "./tokens.ts";

try {
  const command = readCommand(process.argv.slice(2));
  if (command.kind === "help") console.log(usage);
  else {
    const { kind, server, choices, verbose } = command;
    // Standard output has messages for the client, and nothing that a library may want to say.
    globalThis.console = new Console(process.stderr);
    // A client that does not read the log is no reason to end.
    process.stderr.on("error", () => {});
    const log = createLog((line) => process.stderr.write(line), { verbose });
    if (env.NODE_TLS_REJECT_UNAUTHORIZED === "0") {
      // Node reads it at each connection.
      delete env.NODE_TLS_REJECT_UNAUTHORIZED;
      log.say(
        "NODE_TLS_REJECT_UNAUTHORIZED=0 does not count: anybody on the way could take the tokens. For certificates of the company's own set NODE_EXTRA_CA_CERTS.",
      );
    }
    const machine = { platform, env, home: homedir() };
    const settings = { server, choices, machine, log };
    if (kind !== "serve") {
      const { login, logout } = await import("./sign-in/token-source.ts");
      const outcome = await (kind === "login" ? login : logout)(settings);
      if (!outcome.ok) throw new CannotStart(printable(outcome.reason));
      console.log(printable(outcome.value));
    } else {
      const stopping = new AbortController();
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        process.once(signal, () => stopping.abort());
      }
      const folder = folderPath(machine);
      const tokens = lazyTokenSource(
        async () => {
          const { createTokenSource } = await import("./sign-in/token-source.ts");
          return createTokenSource(settings);
        },
        () => hasTokens(folder),
      );
      const { createMemory } = await import("./relay/memory.ts");
      const { serve } = await import("./relay/serve.ts");
      await serve({
        server,
        tokens,
        memory: createMemory(server, folder, log),
        log,
        input: process.stdin,
        output: process.stdout,
        signal: stopping.signal,
      });
    }
    // Connections that are kept, or a sign-in that nobody waits for, would hold the process.
    process.exit(0);
  }
} catch (error) {
  console.error(error instanceof CannotStart ? error.message : error);
  process.exit(2);
}
