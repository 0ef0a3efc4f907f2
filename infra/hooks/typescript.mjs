/**
 * Runs a hook that is written in TypeScript, beside azd's own installation of the packages: on this Node
 * where it reads TypeScript, and otherwise on Node 24, the development dependency.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const installed = new URL(
  `../../node_modules/node/bin/node${process.platform === "win32" ? ".exe" : ""}`,
  import.meta.url,
);

/**
 * @param {string} script a path beside this file
 * @param {readonly string[]} args
 * @returns {Promise<string | undefined>} why it did not run to its end, and what to do
 */
export async function runTypeScript(script, args) {
  const node = process.features.typescript
    ? process.execPath
    : existsSync(installed) && fileURLToPath(installed);
  if (!node) return `Node ${process.versions.node} reads no TypeScript. Run: npm install`;
  const path = fileURLToPath(new URL(script, import.meta.url));
  return new Promise((resolve) => {
    const child = spawn(node, ["--disable-warning=ExperimentalWarning", path, ...args], {
      stdio: "inherit",
    });
    child.once("error", ({ message }) => resolve(message));
    child.once("close", (code) => resolve(code === 0 ? undefined : "It failed, as said above."));
  });
}
