import { chmod, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createMemory } from "../../bridge/relay/memory.ts";
import { verifies } from "../requirements.ts";
import { temporaryFolder } from "../support/stack.ts";
import { serverResult } from "./bridged.ts";

const server = (given: string) => ({ given, url: new URL(given) });
const one = server("https://one.example/mcp");
const log = { say: () => {}, detail: () => {} };

describe("what the bridge remembers of a server", () => {
  it(
    verifies("bridge.memory", "is there the next time, for that server and each era"),
    async () => {
      await using folder = await temporaryFolder();
      const path = join(folder.path, "bridge");
      await createMemory(one, path, log).remember("legacy", serverResult);
      await createMemory(one, path, log).remember("modern", { capabilities: {} });
      const later = createMemory(one, path, log);
      expect(await later.recall("legacy")).toMatchObject({ result: serverResult });
      expect(await later.recall("modern")).toMatchObject({ result: { capabilities: {} } });
      const other = createMemory(server("https://one.example/mcp/"), path, log);
      expect(await other.recall("legacy")).toBeUndefined();
      if (process.platform !== "win32") {
        const [file = ""] = await readdir(path);
        expect((await stat(join(path, file))).mode & 0o777).toBe(0o600);
      }
    },
  );

  it(
    verifies("bridge.memory", "is nothing where the file is not as the bridge has written it"),
    async () => {
      await using folder = await temporaryFolder();
      const path = join(folder.path, "bridge");
      const memory = createMemory(one, path, log);
      await memory.remember("legacy", serverResult);
      const [name = ""] = await readdir(path);
      const file = join(path, name);
      const written = await readFile(file, "utf8");
      for (const content of [
        "",
        "null",
        "[]",
        written.slice(0, -1),
        written.replace("one.example", "two.example"),
        written.replace(/"at":\d+/, '"at":1e300'),
        JSON.stringify({ url: one.given, legacy: { at: 1, result: "text" } }),
        written.replace(
          '"tools":{',
          `"tools":{"deep":${"[".repeat(100_000)}${"]".repeat(100_000)},`,
        ),
      ]) {
        await writeFile(file, content);
        expect(await memory.recall("legacy"), content.slice(0, 200)).toBeUndefined();
      }
      await writeFile(file, written);
      expect(await memory.recall("legacy")).toBeDefined();
      if (process.platform !== "win32") {
        await chmod(file, 0o666);
        expect(await memory.recall("legacy")).toBeUndefined();
      }
    },
  );

  it(verifies("bridge.memory", "is bounded"), async () => {
    await using folder = await temporaryFolder();
    const memory = createMemory(one, join(folder.path, "bridge"), log);
    await memory.remember("legacy", { instructions: "x".repeat(100_000) });
    expect(await memory.recall("legacy")).toBeUndefined();
  });
});
