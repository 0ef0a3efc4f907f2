import { spawn } from "node:child_process";
import { isAbsolute, join } from "node:path";
import { knownCloud } from "../../../src/clouds.ts";
import { isLoopback } from "../../../src/core/address.ts";
import type { Machine } from "../../cache/folder.ts";

/** Opens a page for the person. Calls `failed` in words, at any time, where that did not work. */
export type OpenBrowser = (url: string, failed: (words: string) => void) => void;

/** Characters. */
const longestUrl = 8192;

/**
 * An authorization URL that is safe to hand to a program: of the authority's own host, with https (or
 * all on this machine), and in it no character that any shell, script or command line reads as more
 * than text. Where such programs pass it on is not in our hands.
 *
 * @param authority its URL
 */
export function browsableUrl(text: string, authority: string): string | undefined {
  const [url, home] = [URL.parse(text), new URL(authority)];
  if (!url || url.username || url.password || url.hash) return undefined;
  const isOfAuthority = isLoopback(home)
    ? isLoopback(url) && /^https?:$/.test(url.protocol)
    : url.protocol === "https:" && (url.origin === home.origin || !!knownCloud(url.origin));
  if (!isOfAuthority) return undefined;
  const plain = url.href.replaceAll(/[^\w.~:/?&=%+[\]-]/g, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
      .join(""),
  );
  return plain.length <= longestUrl ? plain : undefined;
}

/**
 * The program that opens a URL, and its arguments before the URL. No shell is between: on Windows not
 * `cmd /c start`, which reads `&` as the end of a command.
 *
 * @returns nothing where the machine has no display
 */
export function browserCommand({ platform, env }: Machine): readonly string[] | undefined {
  if (platform === "win32") {
    const system = join(env.SystemRoot ?? "C:\\Windows", "System32");
    return [join(system, "rundll32.exe"), "url.dll,FileProtocolHandler"];
  }
  if (platform === "darwin") return ["/usr/bin/open"];
  // The person's own choice, in containers and WSL often a script that opens the host's browser.
  if (env.BROWSER && isAbsolute(env.BROWSER)) return [env.BROWSER];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ["xdg-open"] : undefined;
}

/** @returns nothing where the machine has no display */
export function systemBrowser(machine: Machine): OpenBrowser | undefined {
  const [program, ...args] = browserCommand(machine) ?? [];
  if (program === undefined) return undefined;
  return (url, failed) => {
    const child = spawn(program, [...args, url], {
      env: machine.env,
      shell: false,
      detached: true,
      stdio: "ignore",
    });
    child.once("error", ({ message }) => failed(message));
    child.once("exit", (code) => {
      if (code) failed(`${program} ended with ${code}`);
    });
    // The browser may stay open for longer than the bridge runs.
    child.unref();
  };
}
