import { isObject, type JsonObject } from "../../src/core/encoding.ts";
import { asHeader } from "./era.ts";
import type { Message } from "./message.ts";

interface Declaration {
  readonly header: string;
  /** From the root of a call's arguments. */
  readonly path: readonly string[];
}

const extension = "x-mcp-header";
/** RFC 9110 section 5.6.2. */
const token = /^[\w!#$%&'*+.^`|~-]+$/;
const primitive = new Set<unknown>(["string", "integer", "boolean"]);
/** Tools that are remembered: a list without end is not. */
const maximumTools = 1_000;
const maximumDepth = 16;

/**
 * The arguments that a server wants repeated in headers of a call, as its list of tools says. Over stdio
 * a client need not know of them; over HTTP the sender has to, which is the bridge.
 *
 * Source: MCP 2026-07-28, Streamable HTTP, "Custom Headers from Tool Parameters"
 */
export class ParameterHeaders {
  readonly #declared = new Map<string, readonly Declaration[]>();

  /** Reads an answer to `tools/list`. */
  learn({ text, json: { result } }: Message): void {
    if (this.#declared.size === 0 && !text.includes(extension)) return;
    const tools = isObject(result) && Array.isArray(result.tools) ? result.tools : [];
    for (const tool of tools) {
      if (!isObject(tool) || typeof tool.name !== "string") continue;
      const declared = [...declarationsIn(tool.inputSchema, [])];
      if (declared.length === 0) this.#declared.delete(tool.name);
      else if (this.#declared.size < maximumTools) this.#declared.set(tool.name, declared);
    }
  }

  /** The headers for a call. An argument that is null or left out has none. */
  headersOf({ name, arguments: given }: JsonObject): Record<string, string> {
    const declared = (typeof name === "string" && this.#declared.get(name)) || [];
    return Object.fromEntries(
      declared.flatMap(({ header, path }) => {
        const value = path.reduce<unknown>(
          (value, step) =>
            isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined,
          given,
        );
        const isSent = ["string", "boolean"].includes(typeof value) || Number.isSafeInteger(value);
        return isSent ? [[`mcp-param-${header}`, asHeader(String(value))]] : [];
      }),
    );
  }
}

/** Through `properties` alone: a declaration anywhere else is not valid. */
function* declarationsIn(schema: unknown, path: readonly string[]): Generator<Declaration> {
  if (!isObject(schema) || path.length > maximumDepth) return;
  const header = schema[extension];
  if (typeof header === "string" && token.test(header) && primitive.has(schema.type)) {
    yield { header: header.toLowerCase(), path };
  }
  if (!isObject(schema.properties)) return;
  for (const [name, property] of Object.entries(schema.properties)) {
    yield* declarationsIn(property, [...path, name]);
  }
}
