import { type Token, tokensOf } from "./tokens.ts";

/** What queries may name. */
export interface Vocabulary {
  /** Columns by table. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
  /** Members of a log line, which queries read as `line.name`. */
  readonly fields: readonly string[];
  /** What a column or a member of a log line can be compared with, by its name. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

export interface CheckedQuery {
  /** What it names that is not there, each with the name in question. */
  readonly problems: readonly string[];
  /** The columns that it results in. */
  readonly columns: readonly string[];
}

const functions = new Set(
  "avg bin coalesce count countif dcount isempty max min parse_json percentile sum sumif take_any todouble toint tostring".split(
    " ",
  ),
);
const words = new Set("and or in has has_any startswith endswith asc desc".split(" "));
const comparisons = new Set("== != =~ !~ in !in has".split(" "));

/**
 * Checks that everything which a query in the Kusto Query Language names is there: table, columns at
 * each step, functions, members of log lines, and the values they are compared with. It knows the
 * part of the language that the queries of this project are written in, and reports the rest.
 */
export function checkQuery(query: string, vocabulary: Vocabulary): CheckedQuery {
  return checkTokens(tokensOf(query), vocabulary);
}

function checkTokens(tokens: readonly Token[], vocabulary: Vocabulary): CheckedQuery {
  const [source = [], ...steps] = split(tokens, "|");
  const table = source.map(({ value }) => value).join(" ");
  const checker = new Checker(vocabulary, vocabulary.tables[table] ?? []);
  if (!vocabulary.tables[table]) checker.problems.push(`table ${table}`);
  for (const [operator, ...rest] of steps) checker.step(operator?.value ?? "nothing", rest);
  return { problems: checker.problems, columns: [...checker.columns.keys()] };
}

class Checker {
  readonly problems: string[] = [];
  /** Columns at this step, with the member of a log line that each holds, if it does. */
  columns: Map<string, string | undefined>;
  readonly #vocabulary: Vocabulary;

  constructor(vocabulary: Vocabulary, columns: readonly string[]) {
    this.#vocabulary = vocabulary;
    this.columns = new Map(columns.map((column) => [column, undefined]));
  }

  step(operator: string, rest: readonly Token[]): void {
    const [expressions = [], grouping] = splitAtName(rest, "by");
    switch (operator) {
      case "where":
        this.#expression(rest);
        return;
      case "extend":
        this.columns = new Map([...this.columns, ...this.#named(rest)]);
        return;
      case "project":
        this.columns = new Map(this.#named(rest));
        return;
      case "summarize":
        this.columns = new Map([...this.#named(grouping ?? []), ...this.#named(expressions)]);
        return;
      case "order":
      case "top":
        if (!grouping) this.problems.push(`${operator} without by`);
        this.#expression([...expressions, ...(grouping ?? [])]);
        return;
      default:
        this.problems.push(`operator ${operator}`);
    }
  }

  /** The columns that a list of `name = expression` makes, or of expressions with a name of their own. */
  #named(list: readonly Token[]): [string, string | undefined][] {
    if (list.length === 0) return [];
    return split(list, ",").map((item) => {
      const assigned = item[1]?.value === "=";
      const expression = assigned ? item.slice(2) : item;
      this.#expression(expression);
      const name = assigned ? item[0]?.value : columnOf(expression);
      if (name === undefined) this.problems.push(`no name for ${textOf(expression)}`);
      return [name ?? "", this.#memberIn(expression)];
    });
  }

  #expression(all: readonly Token[]): void {
    const tokens = this.#withoutQueries(all);
    tokens.forEach((token, index) => {
      const before = tokens[index - 1]?.value;
      const after = tokens[index + 1]?.value;
      if (token.kind === "symbol" || token.kind === "name") this.#comparison(tokens, index);
      if (token.kind !== "name") return;
      if (before === ".") {
        if (tokens[index - 2]?.value !== "line") this.problems.push(`member ${token.value}`);
        else this.#expect("field", this.#vocabulary.fields, token.value);
      } else if (words.has(token.value)) return;
      else if (after === "(") this.#expect("function", [...functions], token.value);
      else this.#expect("column", [...this.columns.keys()], token.value);
    });
  }

  /** Checks each query in parentheses, such as that of `in (Table | project Column)`, and leaves it out. */
  #withoutQueries(tokens: readonly Token[]): readonly Token[] {
    const pipe = tokens.findIndex(({ value, kind }) => kind === "symbol" && value === "|");
    if (pipe < 0) return tokens;
    const start = tokens.findLastIndex(({ value }, at) => at < pipe && value === "(");
    let end = start;
    for (let depth = 1; depth > 0 && end < tokens.length; ) {
      end++;
      if (tokens[end]?.value === "(") depth++;
      if (tokens[end]?.value === ")") depth--;
    }
    const { problems } = checkTokens(tokens.slice(start + 1, end), this.#vocabulary);
    this.problems.push(...problems);
    return this.#withoutQueries([...tokens.slice(0, start + 1), ...tokens.slice(end)]);
  }

  /** Judges the texts that stand right of a comparison by what stands left of it. */
  #comparison(tokens: readonly Token[], index: number): void {
    const operator = tokens[index]?.value ?? "";
    if (!comparisons.has(operator)) return;
    const operand = operandBefore(tokens, index);
    const subject = this.#memberIn(operand) ?? columnOf(operand);
    const allowed = this.#vocabulary.values[subject ?? ""];
    if (!allowed) return;
    for (const value of textsAfter(tokens, index)) {
      if (operator === "has") {
        if (!allowed.some((one) => one.includes(value))) this.problems.push(`${subject} ${value}`);
      } else this.#expect(subject ?? "", allowed, value);
    }
  }

  /** The member of a log line that an expression stands for: `tostring(line.tool)`, or its column. */
  #memberIn(expression: readonly Token[]): string | undefined {
    const dot = expression.findIndex(({ value }) => value === ".");
    if (dot > 0) return expression[dot + 1]?.value;
    const [only] = expression;
    return expression.length === 1 && only ? this.columns.get(only.value) : undefined;
  }

  #expect(what: string, known: readonly string[], name: string): void {
    if (!known.includes(name)) this.problems.push(`${what} ${name}`);
  }
}

/** A column by itself, or the one that `bin` cuts into intervals. */
function columnOf(expression: readonly Token[]): string | undefined {
  if (expression.length === 1) return expression[0]?.value;
  return expression[0]?.value === "bin" ? expression[2]?.value : undefined;
}

/** The name, call or member that stands left of a comparison. */
function operandBefore(tokens: readonly Token[], index: number): readonly Token[] {
  let start = index - 1;
  if (tokens[start]?.value === ")") {
    let depth = 1;
    while (depth > 0 && start > 0) {
      start--;
      if (tokens[start]?.value === ")") depth++;
      if (tokens[start]?.value === "(") depth--;
    }
    start--;
  }
  while (tokens[start - 1]?.value === ".") start -= 2;
  return tokens.slice(Math.max(start, 0), index);
}

/** The text, or the texts of the list, that stand right of a comparison. */
function textsAfter(tokens: readonly Token[], index: number): string[] {
  const next = tokens[index + 1];
  if (next?.kind === "text") return [next.value];
  if (next?.value !== "(") return [];
  const end = tokens.findIndex(({ value }, at) => at > index && value === ")");
  return tokens
    .slice(index, end)
    .filter(({ kind }) => kind === "text")
    .map(({ value }) => value);
}

/** Cuts at a symbol, but not inside of parentheses. */
function split(tokens: readonly Token[], separator: string): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === "symbol" && token.value === "(") depth++;
    if (token.kind === "symbol" && token.value === ")") depth--;
    if (depth === 0 && token.kind === "symbol" && token.value === separator) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

function splitAtName(tokens: readonly Token[], name: string): Token[][] {
  const at = tokens.findIndex(({ kind, value }) => kind === "name" && value === name);
  return at < 0 ? [[...tokens]] : [tokens.slice(0, at), tokens.slice(at + 1)];
}

function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ value }) => value).join("");
}
