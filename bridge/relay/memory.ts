import { createHash } from "node:crypto";
import { join } from "node:path";
import { isObject, type JsonObject } from "../../src/core/encoding.ts";
import { makePrivateFolder } from "../cache/folder.ts";
import { readPrivateFile, writePrivateFile } from "../cache/private-file.ts";
import type { BridgeLog } from "../log.ts";
import type { ServerUrl } from "../server-url.ts";
import { readJson } from "./message.ts";
import type { Era, Memory } from "./opening.ts";
import type { Remembered } from "./told.ts";

/** Of one answer: name, capabilities and instructions take a hundredth. */
const maximumLength = 64 * 1024;

/**
 * Remembers in a file what a server said of itself, for clients that start before anybody is signed in.
 * It holds nothing secret, and nothing of it is believed but its shape: what stands there is what a server
 * may say, and is asked for anew as soon as the server can be.
 *
 * @param folder the bridge's own
 */
export function createMemory({ given }: ServerUrl, folder: string, log: BridgeLog): Memory {
  const name = createHash("sha256").update(given).digest("hex").slice(0, 32);
  const path = join(folder, `server-${name}.json`);

  async function read(): Promise<JsonObject> {
    const found = await readPrivateFile(path);
    if (found.kind === "foreign") log.detail(found.words);
    if (found.kind !== "content" || found.exposed) return {};
    const json = readJson(found.content.toString("utf8"));
    return isObject(json) && json.url === given ? json : {};
  }

  return {
    async recall(era) {
      return rememberedIn(await read(), era);
    },
    async remember(era, result) {
      if (JSON.stringify(result).length > maximumLength) return;
      const known = await read();
      const other: Era = era === "legacy" ? "modern" : "legacy";
      const content = {
        url: given,
        [era]: { at: Date.now(), result },
        [other]: rememberedIn(known, other),
      };
      const made = await makePrivateFolder(folder);
      if (!made.ok) return log.detail(made.reason);
      const bytes = Buffer.from(JSON.stringify(content));
      await writePrivateFile(path, bytes).catch(() => log.detail(`${path} cannot be written.`));
    },
  };
}

function rememberedIn(json: JsonObject, era: Era): Remembered | undefined {
  const kept = json[era];
  if (!isObject(kept) || !isObject(kept.result)) return undefined;
  if (typeof kept.at !== "number" || Number.isNaN(new Date(kept.at).getTime())) return undefined;
  return { at: kept.at, result: kept.result };
}
