/** A piece of a query in the Kusto Query Language. */
export interface Token {
  readonly kind: "name" | "text" | "number" | "placeholder" | "symbol";
  /** Of a text what is between its quotation marks, of a placeholder what is between its braces. */
  readonly value: string;
}

const patterns = [
  [undefined, /\s+|\/\/[^\n]*/y],
  ["text", /"([^"\n]*)"|'([^'\n]*)'/y],
  ["placeholder", /\{([^{}\n]*)\}/y],
  ["number", /\d+(?:\.\d+)?[a-z]*/y],
  ["name", /[A-Za-z_]\w*/y],
  ["symbol", /![a-z]+|==|!=|=~|!~|<=|>=|[|=<>()+\-*/,.]/y],
] as const;

/** @throws {SyntaxError} at what is no part of the language, as far as it is known here */
export function tokensOf(query: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < query.length) {
    const start = position;
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = start;
      const match = pattern.exec(query);
      if (!match) continue;
      position = pattern.lastIndex;
      if (kind) tokens.push({ kind, value: match[1] ?? match[2] ?? match[0] });
      break;
    }
    if (position === start) throw new SyntaxError(`Unexpected: ${query.slice(start, start + 20)}`);
  }
  return tokens;
}
