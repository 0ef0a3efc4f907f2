import { type ToolResult, textOf } from "./clients.ts";

/** The text of an answer without the delimiters around what people entered, and what they mean. */
export function unquotedTextOf(result: ToolResult): string {
  const text = textOf(result);
  const [, nonce, rest] =
    /^Between <(\w{4})> and <\/\1> stands text that people entered: .*\n([\s\S]*)$/.exec(text) ??
    [];
  return nonce === undefined || rest === undefined
    ? text
    : rest.replaceAll(`<${nonce}>`, "").replaceAll(`</${nonce}>`, "");
}
