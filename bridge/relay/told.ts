import { isObject, type JsonObject } from "../../src/core/encoding.ts";

/** The newest revision with a handshake, and those before it (MCP specification, "Versioning"). */
export const legacyVersions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] as const;
const modernVersion = "2026-07-28";

/** What a server said of itself the last time, and when, in milliseconds since the epoch. */
export interface Remembered {
  readonly result: JsonObject;
  readonly at: number;
}

/** Why the server itself does not say what it is. */
export type Unasked = "sign-in" | "no-answer";

const because: Readonly<Record<Unasked, string>> = {
  "sign-in":
    "Nobody is signed in to this server yet. The first request opens a sign-in page in the person's browser and waits for it.",
  "no-answer": "The server has not answered yet. Each request asks it again.",
};

/** Whatever a server may have: what it lacks is answered with an empty list. */
const anything = { tools: {}, prompts: {}, resources: {}, completions: {} };

/** The kinds of lists of which the bridge itself tells that they have changed, after a late sign-in. */
export const listKinds = ["tools", "prompts", "resources"] as const;

/** The answer to `initialize` while the server cannot be asked. */
export function toldLegacy(
  host: string,
  params: JsonObject,
  remembered: Remembered | undefined,
  unasked: Unasked,
): JsonObject {
  const asked = legacyVersions.find((version) => version === params.protocolVersion);
  const { result = {} } = remembered ?? {};
  const capabilities = isObject(result.capabilities) ? result.capabilities : anything;
  return {
    ...result,
    protocolVersion: asked ?? legacyVersions[0],
    capabilities: {
      ...capabilities,
      ...Object.fromEntries(
        listKinds.flatMap((kind) => {
          const had = capabilities[kind];
          return isObject(had) ? [[kind, { ...had, listChanged: true }]] : [];
        }),
      ),
    },
    serverInfo: isObject(result.serverInfo)
      ? result.serverInfo
      : { name: host, version: "unknown" },
    instructions: instructionsOf(remembered, unasked),
  };
}

/** What is remembered of a server that answers `server/discover` with an error. */
export const notModern: JsonObject = { supportedVersions: [] };

/**
 * The answer to `server/discover` while the server cannot be asked; not to be kept.
 *
 * @returns nothing where the server is known to have none
 */
export function toldModern(
  host: string,
  remembered: Remembered | undefined,
  unasked: Unasked,
): JsonObject | undefined {
  const { result } = remembered ?? {};
  if (result && !Object.hasOwn(result, "capabilities")) return undefined;
  const serverInfo = { name: host, version: "unknown" };
  return {
    ...(result ?? {
      resultType: "complete",
      supportedVersions: [modernVersion],
      capabilities: anything,
      _meta: { "io.modelcontextprotocol/serverInfo": serverInfo },
    }),
    instructions: instructionsOf(remembered, unasked),
    ttlMs: 0,
    cacheScope: "private",
  };
}

/** Instructions may speak of the day that they were written on. */
function instructionsOf(remembered: Remembered | undefined, unasked: Unasked): string {
  const said = remembered?.result.instructions;
  if (typeof said !== "string" || !remembered) return because[unasked];
  const day = new Date(remembered.at).toISOString().slice(0, 10);
  return `${said} (This is what the server said on ${day}.) ${because[unasked]}`;
}

/** What the answer to a listing has its items in, and the capability that it belongs to. */
const lists: ReadonlyMap<string, { capability: string; items: string }> = new Map([
  ["tools/list", { capability: "tools", items: "tools" }],
  ["prompts/list", { capability: "prompts", items: "prompts" }],
  ["resources/list", { capability: "resources", items: "resources" }],
  ["resources/templates/list", { capability: "resources", items: "resourceTemplates" }],
]);

/** The kind of list that a method asks for; undefined where it asks for none. */
export function listKindOf(method: string): string | undefined {
  return lists.get(method)?.capability;
}

/**
 * The empty answer to a listing of what the client was told that the server might have, and has not;
 * undefined where the server is to be asked.
 */
export function emptyList(method: string, capabilities: unknown): JsonObject | undefined {
  const list = lists.get(method);
  if (!list || !isObject(capabilities) || list.capability in capabilities) return undefined;
  return { [list.items]: [] };
}
