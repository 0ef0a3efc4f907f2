import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "./stack.ts";

/** A person at a machine with a browser, in which they sign in on whatever page a program opens. */
export interface PersonsMachine {
  /** What programs keep there goes when the test ends. */
  readonly home: string;
  /** Of programs that the person starts. */
  readonly environment: Readonly<Record<string, string>>;
  /** The pages that programs have opened, in order. */
  opened(): Promise<string[]>;
  /** Who signs in from now on. */
  signInAs(account: string): Promise<void>;
}

/** A machine of its own for the running test. */
export async function personsMachine(account: string): Promise<PersonsMachine> {
  const created = await temporaryFolder();
  onTestFinished(() => created[Symbol.asyncDispose]());
  const home = created.path;
  const program = join(import.meta.dirname, "browser-program.ts");
  const browser = join(home, "browser");
  await writeFile(browser, `#!/bin/sh\nexec "${process.execPath}" "${program}" "${home}" "$1"\n`);
  await chmod(browser, 0o700);
  await writeFile(join(home, "opened"), "");
  const signInAs = (username: string) => writeFile(join(home, "account"), username);
  await signInAs(account);
  return {
    home,
    environment: {
      ...(process.env as Record<string, string>),
      HOME: home,
      XDG_STATE_HOME: join(home, "state"),
      BROWSER: browser,
    },
    opened: async () => (await readFile(join(home, "opened"), "utf8")).split("\n").slice(0, -1),
    signInAs,
  };
}
