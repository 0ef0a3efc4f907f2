import { StartFailure } from "./messages.ts";

/** A route template made ready for matching. */
export interface RouteTemplate {
  readonly expression: RegExp;
  /** One for each of the expression's groups. */
  readonly parameters: readonly RouteParameter[];
}

interface RouteParameter {
  readonly name: string;
  readonly constraints: readonly RegExp[];
}

/** The inline constraints that apps use; a route with another one is refused at start. */
const constraints = new Map<string, RegExp>([
  ["alpha", /^[a-z]+$/i],
  ["bool", /^(?:true|false)$/i],
  ["guid", /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i],
  ["int", /^-?\d+$/],
]);

/** `{name}`, `{name?}`, `{*name}`, each with constraints: `{name:int}`. */
const parameterSyntax = /^\{(\*{0,2})([^{}:=?*/]+)((?::\w+)*)(\??)\}$/;

/**
 * Reads a route template of ASP.NET Core, as far as Functions apps use it: parameters, also several
 * in one segment, an optional one or a catch-all at the end, and the constraints above
 * (https://learn.microsoft.com/aspnet/core/fundamentals/routing#route-templates).
 *
 * @param template the whole of it, the app's route prefix included
 * @throws {StartFailure} when it is malformed or uses what this host does not know
 */
export function parseRouteTemplate(template: string): RouteTemplate {
  const parameters: RouteParameter[] = [];
  const segments = template.split("/");
  const patterns = segments.map((segment, index) => {
    const parts = segment.match(/\{[^{}]*\}|[^{}]+/g) ?? [];
    if (segment === "" || parts.join("") !== segment) {
      throw refusal(template, "has an empty segment or an unbalanced brace");
    }
    const isWholeLastSegment = parts.length === 1 && index === segments.length - 1;
    let mayBeAbsent = false;
    const pattern = parts.map((part) => {
      if (!part.startsWith("{")) return part.replace(/[\\^$.*+?()[\]|]/g, "\\$&");
      const [, catchAll, name, constraintList, optional] = parameterSyntax.exec(part) ?? [];
      if (!name) throw refusal(template, `has a parameter that this host cannot read, ${part}`);
      if (parameters.some((other) => other.name.toLowerCase() === name.toLowerCase())) {
        throw refusal(template, `names the parameter ${name} twice`);
      }
      mayBeAbsent = Boolean(catchAll || optional);
      if (mayBeAbsent && !isWholeLastSegment) {
        throw refusal(template, `may have ${part} only as its whole last segment`);
      }
      parameters.push({ name, constraints: readConstraints(template, constraintList ?? "") });
      return catchAll ? "(.*)" : "([^/]+)";
    });
    return mayBeAbsent ? `(?:/${pattern.join("")})?` : `/${pattern.join("")}`;
  });
  return { expression: new RegExp(`^${patterns.join("")}/?$`, "is"), parameters };
}

/**
 * The values of the parameters in `path`, `undefined` where it does not match. As in ASP.NET Core
 * letter case and a slash at the end make no difference.
 *
 * @param path of a request's URL, still percent-encoded
 */
export function matchRouteTemplate(
  { expression, parameters }: RouteTemplate,
  path: string,
): Readonly<Record<string, string>> | undefined {
  const match = expression.exec(decodePath(path));
  if (!match) return undefined;
  const values: [string, string][] = [];
  for (const [index, parameter] of parameters.entries()) {
    const value = match[index + 1];
    if (!value) continue;
    if (!parameter.constraints.every((constraint) => constraint.test(value))) return undefined;
    values.push([parameter.name, value]);
  }
  return Object.fromEntries(values);
}

function readConstraints(template: string, list: string): RegExp[] {
  return list
    .split(":")
    .slice(1)
    .map((name) => {
      const constraint = constraints.get(name);
      if (constraint) return constraint;
      const known = [...constraints.keys()].join(", ");
      throw refusal(template, `has the constraint ${name}; this host knows only ${known}`);
    });
}

function refusal(template: string, problem: string): StartFailure {
  return new StartFailure(`The route "${template}" ${problem}.`);
}

/** As the real host does before routing: `%2F` stays, so that it never separates segments. */
function decodePath(path: string): string {
  return path.replace(/(?:%(?!2f)[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}
