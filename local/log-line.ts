import { CommandError } from "./command-line.ts";
import { accounts } from "./directory.ts";

/** What a call always goes through; a line of its own says more only where it did not go well. */
const steps: ReadonlySet<unknown> = new Set([
  "audit.authentication",
  "audit.exchange",
  "audit.approval",
]);

/** How clients of the older revisions begin and end: they ask for a stream, and go on without one. */
const habitual = "method-not-allowed";

const people = new Map(accounts.map(({ objectId, username }) => [objectId, username]));

/**
 * Takes the server's lines, and tells them in the format that `--log` names.
 *
 * @throws {CommandError} where there is no such format
 */
export function inFormat(format = "text", log: (line: string) => void): (line: string) => void {
  if (format === "json") return log;
  if (format !== "text") throw new CommandError(`--log takes text or json, not ${format}`);
  return (line) => {
    const readable = readableLine(line, new Date());
    if (readable !== undefined) log(readable);
  };
}

/**
 * A line of the server's log as people read it: time, tool, person, outcome, milliseconds. A call
 * makes one line.
 *
 * @param line as the server prints it; what is no JSON of the server's log stays as it is
 * @returns nothing where the line says only that a step on the way went well, or that there is no
 *   stream, which clients ask for each time
 */
export function readableLine(line: string, time: Date): string | undefined {
  const entry = entryOf(line);
  if (!entry) return line;
  const { event, invocationId: _, correlationId: __, ...fields } = entry;
  if (event === "request.refused" && fields.reason === habitual) return undefined;
  const action = String(event).replace(/^audit\./, "");
  if (action === event) return columns(time, action, pairs(fields));

  const { outcome, tool, objectId, clientId: ___, durationMilliseconds, ...more } = fields;
  if (outcome === "success" && steps.has(event)) return undefined;
  const person = people.get(String(objectId)) ?? objectId ?? "nobody";
  const took = durationMilliseconds === undefined ? "" : `${durationMilliseconds} ms`;
  const { reason, ...rest } = more;
  const why = reason === undefined ? "" : `(${reason})`;
  const end = [outcome, why, took, pairs(rest)].filter((part) => part !== "");
  return columns(time, String(tool ?? action).padEnd(24), String(person).padEnd(22), end.join(" "));
}

function entryOf(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const entry = JSON.parse(line);
    return typeof entry.event === "string" ? entry : undefined;
  } catch {
    return undefined;
  }
}

function pairs(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

/** What a stranger sent may stand in a field: nothing of it acts on a terminal. */
function columns(time: Date, ...parts: readonly string[]): string {
  const clock = time.toTimeString().slice(0, 8);
  return [clock, ...parts].join("  ").replace(/\p{C}/gu, "?").trimEnd();
}
