/** What queries may name. */
export interface Vocabulary {
  /** Columns by table. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
  /** Members of a log line, which queries read as `line.name`. */
  readonly fields: readonly string[];
  /** What a column, or the member of a log line by that name, can be compared with. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

export interface CheckedQuery {
  /** What it names that is not there, each with the name in question. */
  readonly problems: readonly string[];
  /** The columns that it results in. */
  readonly columns: readonly string[];
}

const functions =
  "avg bin coalesce count countif dcount isempty max min parse_json percentile sum sumif take_any todouble toint tostring".split(
    " ",
  );
const words = "and or in has has_any startswith endswith asc desc by".split(" ");
const operators = "where extend project summarize order top".split(" ");
/** The column or member to the left, and one text or a list of them to the right. */
const comparison = /(\w+)\)*\s*(==|!=|=~|!~|!?\bin\b|\bhas\b)\s*("[^"]*"|\([^()]*\))/g;
/** A member of a log line by a name of its own, under which its values would not be known. */
const renamed = /\b(\w+)\s*=\s*tostring\(line\.(?!\1\))(\w+)\)/g;
/** A query in parentheses, such as that of `in (Table | project Column)`. */
const inner = /\(\s*(\w+\s*\|(?:[^()]|\([^()]*\))*)\)/;

/**
 * Checks that everything which a query in the Kusto Query Language names is there: table, columns at
 * each step, functions, members of log lines, and the values they are compared with. It knows the
 * part of the language that the queries of this project are written in, and reports the rest.
 */
export function checkQuery(query: string, vocabulary: Vocabulary): CheckedQuery {
  const text = query.replace(/^\s*\/\/.*$/gm, "").replace(/\{[^{}]*\}/g, "0");
  const [whole, nested] = inner.exec(text) ?? [];
  if (whole !== undefined && nested !== undefined) {
    const { problems } = checkQuery(nested, vocabulary);
    const { columns, ...outer } = checkQuery(text.replace(whole, "()"), vocabulary);
    return { problems: [...problems, ...outer.problems], columns };
  }

  const [table = "", ...steps] = text.split("|").map((step) => step.trim());
  const known = vocabulary.tables[table];
  const problems = [...(known ? [] : [`table ${table}`]), ...wrongValues(text, vocabulary)];
  let columns: readonly string[] = known ?? [];
  for (const step of steps) {
    const [operator = ""] = step.split(/\s/, 1);
    const rest = step.slice(operator.length).replace(/"[^"]*"/g, '""');
    if (!operators.includes(operator)) problems.push(`operator ${operator}`);
    const isSorted = operator === "order" || operator === "top";
    if (isSorted && !/\bby\b/.test(rest)) problems.push(`${operator} without by`);
    problems.push(...wrongNames(rest, columns, vocabulary));
    if (operator === "extend") columns = [...columns, ...columnsOf(rest)];
    if (operator === "project" || operator === "summarize") columns = columnsOf(rest);
  }
  return { problems, columns };
}

/** Texts that a column or a member is compared with and never has. */
function wrongValues(text: string, { values }: Vocabulary): string[] {
  const unknown = [...text.matchAll(renamed)].map(([, name, member]) => `${name} for ${member}`);
  const compared = [...text.matchAll(comparison)].flatMap(
    ([, subject = "", operator, right = ""]) => {
      const possible = values[subject];
      const isPossible = (value: string) =>
        operator === "has"
          ? possible?.some((one) => one.includes(value))
          : possible?.includes(value);
      const texts = [...right.matchAll(/"([^"]*)"/g)].map(([, value = ""]) => value);
      const wrong = possible ? texts.filter((value) => !isPossible(value)) : [];
      return wrong.map((value) => `${subject} ${value}`);
    },
  );
  return [...unknown, ...compared];
}

/** Names in an operator's expressions, new columns' own aside, that are nothing here. */
function wrongNames(step: string, columns: readonly string[], { fields }: Vocabulary): string[] {
  const names = step.matchAll(/(?:(\w+)\.)?\b([a-z_]\w*)\b(?!\s*=(?![=~]))(\s*\()?/gi);
  return [...names].flatMap(([, owner, name = "", call]) => {
    const [what, possible] =
      owner === "line"
        ? ["field", fields]
        : owner !== undefined
          ? ["member", []]
          : call === undefined || words.includes(name)
            ? ["column", [...columns, ...words]]
            : ["function", functions];
    return possible.includes(name) ? [] : [`${what} ${name}`];
  });
}

/** The columns that a list of `name = expression` makes, or of columns as they are or in intervals. */
function columnsOf(list: string): string[] {
  let outside = list.replace(/\bbin\((\w+)[^()]*\)/g, "$1");
  while (outside.includes("(")) outside = outside.replace(/\([^()]*\)/g, "");
  return outside.split(/,|\bby\b/).map((item) => /\w+/.exec(item)?.[0] ?? "");
}
