import { mkdir, readFile, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import jsonc, { type EditResult, type Node, type ParseError } from "jsonc-parser";
import { z } from "zod";
import { CommandError } from "../../local/command-line.ts";
import { writeFileAtomically } from "../../local/files.ts";
import { isObject, type JsonObject } from "../../src/core/encoding.ts";
import { codeOf } from "../../src/core/error-code.ts";
import { readBridgeEntry } from "./bridge-entry.ts";
import { type ClientFile, entryOf, type Server } from "./clients.ts";

/** A client's file on this machine, and the name of one server in it. */
export interface Place extends Omit<ClientFile, "path"> {
  readonly path: string;
  readonly name: string;
}

/**
 * Adds an entry under its name and leaves everything else as it is, comments and layout included.
 *
 * @returns the new text; the same one where the entry is there already
 * @throws {CommandError} where another entry has the name, or the text is not what a client's file holds
 */
export function withEntry(text: string, place: Place, entry: object): string {
  const there = serversIn(text, place)[place.name];
  if (isDeepStrictEqual(there, entry)) return text;
  if (there === undefined) return edited(text, place, entry);
  throw new CommandError(
    `${place.path} has another entry named ${place.name}, and nothing is changed. Choose a name with --name, or take that entry out first (--undo does, if this command wrote it).`,
  );
}

const writtenEntry = z.object({
  url: z.string(),
  oauth: z.object({ clientId: z.string(), scopes: z.string().optional() }).optional(),
  auth: z.object({ CLIENT_ID: z.string(), scopes: z.array(z.string()).optional() }).optional(),
});

/**
 * Takes out the entry that this command wrote. (A backup brought back would also take back what the
 * person or the client has changed since.)
 *
 * @param url of the server, where the person named one
 * @returns the new text; the same one where there is no such entry
 * @throws {CommandError} where somebody else wrote the entry, or the text is not what a client's file holds
 */
export function withoutEntry(text: string, place: Place, url?: string): string {
  const there = serversIn(text, place)[place.name];
  if (there === undefined) return text;
  const server = readEntry(there);
  if (server && (url === undefined || server.url === url)) {
    const ours = entryOf(place, { ...server, name: place.name });
    if (isDeepStrictEqual(there, ours)) return edited(text, place, undefined);
  }
  throw new CommandError(
    `${place.name} in ${place.path} is not what this command writes for that server. Take it out by hand.`,
  );
}

/** What this command would have made an entry of; nothing where it never writes such a one. */
function readEntry(entry: unknown): Omit<Server, "name"> | undefined {
  const { data } = writtenEntry.safeParse(entry);
  if (data === undefined) return readBridgeEntry(entry);
  const [scope] = data.oauth?.scopes?.split(" ") ?? data.auth?.scopes ?? [];
  return { url: data.url, clientId: data.oauth?.clientId ?? data.auth?.CLIENT_ID, scope };
}

/**
 * Changes a file in one step. Its permissions stay; a new one is for its owner alone. Links are followed.
 *
 * @returns whether there was anything to change
 * @throws {CommandError} where it cannot be read or written, or there is no folder for it
 */
export async function changeFile(
  { path, makesFolder }: Place,
  change: (text: string) => string,
): Promise<boolean> {
  try {
    const file = await realpath(path).catch(() => path);
    const { mode } = await stat(file).catch(() => ({ mode: 0o600 }));
    const bytes = await readFile(file).catch((error) => {
      if (codeOf(error) === "ENOENT") return Buffer.of();
      throw error;
    });
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const changed = change(text);
    if (changed === text) return false;
    if (makesFolder) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFileAtomically(file, changed, { mode: mode & 0o777 });
    return true;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const problem =
      codeOf(error) === "ENOENT"
        ? `There is no folder ${dirname(path)}. Is the client installed, and has it been started once? (From WSL or a container its files are elsewhere.)`
        : `${path} cannot be read or written (${codeOf(error, String(error))}).`;
    throw new CommandError(`${problem} Without --write, this prints what to enter by hand.`);
  }
}

/** What a file holds. Comments and trailing commas are allowed, as VS Code does; an empty file holds nothing. */
function contentOf(text: string, place: Place): JsonObject {
  const errors: ParseError[] = [];
  // `jsonc.parse` would take a member called `__proto__` for the prototype of what it makes.
  const tree = jsonc.parseTree(text, errors, { allowTrailingComma: true });
  if (text.trim() === "") return {};
  const content = tree && memberValue(tree);
  return isObject(content) && errors.length === 0 ? content : unreadable(place);
}

function memberValue({ type, children = [], value }: Node): unknown {
  if (type === "array") return children.map(memberValue);
  if (type !== "object") return value;
  return Object.fromEntries(
    children.map(({ children: [name, member] = [] }) => [
      name?.value,
      member && memberValue(member),
    ]),
  );
}

function serversIn(text: string, place: Place): JsonObject {
  const { [place.member]: servers = {} } = contentOf(text, place);
  return isObject(servers) ? servers : unreadable(place);
}

function unreadable({ path, member }: Place): never {
  throw new CommandError(
    `${path} is not a JSON object with the servers in "${member}", and nothing is changed. Correct it first, or enter by hand what this prints without --write.`,
  );
}

function edited(text: string, place: Place, entry: object | undefined): string {
  const edits = entry === undefined ? removal(text, place) : insertion(text, place, entry);
  const end = text.trim() === "" ? "\n" : "";
  const changed = `${jsonc.applyEdits(text, edits)}${end}`;
  // Looked at once more, since a file that has a name twice is not changed as meant.
  const { [place.name]: _, ...others } = serversIn(text, place);
  const servers = entry === undefined ? others : { ...others, [place.name]: entry };
  const meant = { ...contentOf(text, place), [place.member]: servers };
  return isDeepStrictEqual(contentOf(changed, place), meant) ? changed : unreadable(place);
}

/** Behind the last entry, in its layout. The library would lay out that whole line anew. */
function insertion(text: string, place: Place, entry: object): EditResult {
  const last = entryNodes(text, place).at(-1);
  const path = [place.member, place.name];
  if (last === undefined)
    return jsonc.modify(text, path, entry, { formattingOptions: layout(text) });
  const [, indent] = /\n([ \t]*)$/.exec(text.slice(0, last.offset)) ?? [];
  if (indent === undefined) return jsonc.modify(text, path, entry, {});
  const { eol, insertSpaces, tabSize } = layout(text);
  const json = JSON.stringify(entry, null, insertSpaces ? tabSize : "\t");
  const property = `${JSON.stringify(place.name)}: ${json}`.replaceAll("\n", `\n${indent}`);
  const content = `,\n${indent}${property}`.replaceAll("\n", eol);
  return [{ offset: last.offset + last.length, length: 0, content }];
}

function removal(text: string, place: Place): EditResult {
  const isOnly = entryNodes(text, place).length === 1;
  const options = isOnly ? { formattingOptions: layout(text) } : {};
  return jsonc.modify(text, [place.member, place.name], undefined, options);
}

function entryNodes(text: string, { member }: Place): readonly Node[] {
  const root = jsonc.parseTree(text);
  return (root && jsonc.findNodeAtLocation(root, [member])?.children) ?? [];
}

function layout(text: string) {
  const [, indent = "  "] = /^([ \t]+)\S/m.exec(text) ?? [];
  return {
    insertSpaces: !indent.startsWith("\t"),
    tabSize: indent.length,
    eol: text.includes("\r\n") ? "\r\n" : "\n",
  };
}
