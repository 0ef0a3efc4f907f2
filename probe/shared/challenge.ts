/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  readonly scheme: string;
  /** By lower-case name, without quotes. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Names that stand more than once. */
  readonly repeated: readonly string[];
}

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const separators = /[ \t,]*/y;
const scheme = new RegExp(`(${token})(?:[ \\t]+|(?=,)|$)`, "y");
const parameter = new RegExp(
  `(${token})[ \\t]*=[ \\t]*(?:(${token})|"((?:[^"\\\\]|\\\\.)*)")`,
  "y",
);
const token68 = /[A-Za-z0-9\-._~+/]+=*[ \t]*(?=,|$)/y;
const end = /[ \t]*(?:,[ \t,]*|$)/y;

/**
 * Reads a `WWW-Authenticate` header: several challenges, each a scheme with parameters (RFC 9110
 * sections 11.2, 11.3 and 11.6.1).
 *
 * @returns nothing where the header does not follow that grammar
 */
export function parseChallenges(header: string): readonly Challenge[] | undefined {
  let position = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const found = pattern.exec(header);
    if (found) position = pattern.lastIndex;
    return found;
  };

  const challenges: Challenge[] = [];
  take(separators);
  while (position < header.length) {
    const name = take(scheme)?.[1];
    if (name === undefined) return undefined;
    const parameters = new Map<string, string>();
    const repeated: string[] = [];
    const hasToken68 = !startsWith(header, position, parameter) && take(token68) !== null;
    while (!hasToken68 && position < header.length) {
      const found = take(parameter);
      if (!found) break;
      const [, key = "", bare, quoted = ""] = found;
      if (parameters.has(key.toLowerCase())) repeated.push(key.toLowerCase());
      parameters.set(key.toLowerCase(), bare ?? quoted.replace(/\\(.)/g, "$1"));
      if (!take(end)) return undefined;
    }
    take(separators);
    challenges.push({ scheme: name, parameters, repeated });
  }
  return challenges;
}

function startsWith(text: string, position: number, pattern: RegExp): boolean {
  pattern.lastIndex = position;
  return pattern.test(text);
}

/** The first challenge of the scheme `Bearer`. */
export function bearerChallenge(header: string | undefined): Challenge | undefined {
  return parseChallenges(header ?? "")?.find((challenge) => /^bearer$/i.test(challenge.scheme));
}
