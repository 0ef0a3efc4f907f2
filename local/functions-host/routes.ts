import type { BindingInfo } from "./core-types.ts";
import { StartFailure } from "./messages.ts";
import type { RegisteredFunction } from "./registrations.ts";

/** A function that requests can reach. */
export interface HttpRoute {
  readonly function: RegisteredFunction;
  /** The trigger's name among the function's bindings. */
  readonly triggerName: string;
  /** Upper case; `undefined` for every method. */
  readonly methods: ReadonlySet<string> | undefined;
  /** Lower case, without a slash at the end. */
  readonly path: string;
}

/** A function that this host cannot run, and why. */
export interface SkippedFunction {
  readonly name: string;
  readonly reason: string;
}

/**
 * Sorts what the app registered into routes and functions that this host cannot run. The routes are
 * in the order in which the real host tries them: that of the functions' names, however specific a
 * route is. Where two of them fit one path, the laptop answers as the cloud does
 * (`FunctionMetadataManager` in https://github.com/Azure/azure-functions-host).
 *
 * @param routePrefix put before every route; empty for none
 * @throws {StartFailure} for a route with parameters, or one that is no path
 */
export function httpRoutes(
  functions: readonly RegisteredFunction[],
  routePrefix: string,
): { readonly routes: readonly HttpRoute[]; readonly skipped: readonly SkippedFunction[] } {
  const routes: HttpRoute[] = [];
  const skipped: SkippedFunction[] = [];
  const byName = functions.toSorted((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1));
  for (const registered of byName) {
    const { name, bindings } = registered.metadata;
    const trigger = Object.entries(bindings).find(([, binding]) => isType(binding, "httpTrigger"));
    const reason = reasonToSkip(bindings);
    if (reason || !trigger) {
      skipped.push({ name, reason: reason ?? "it has no trigger" });
      continue;
    }
    const [triggerName, { route, methods }] = trigger;
    const template = routePrefix ? `${routePrefix}/${route || name}` : route || name;
    if (!/^[^/{}]+(?:\/[^/{}]+)*$/.test(template)) {
      throw new StartFailure(
        `The route "${template}" is no path of plain segments: this host knows no parameters.`,
      );
    }
    routes.push({
      function: registered,
      triggerName,
      methods: methods && new Set(methods.map((method) => method.toUpperCase())),
      path: `/${template}`.toLowerCase(),
    });
  }
  return { routes, skipped };
}

/**
 * The first route that fits. As in ASP.NET Core, letter case and a slash at the end make no difference.
 *
 * @param path of a request's URL, still percent-encoded
 */
export function findRoute(
  routes: readonly HttpRoute[],
  method: string,
  path: string,
): HttpRoute | undefined {
  const asked = decodePath(path).toLowerCase().replace(/\/$/, "");
  return routes.find((route) => (route.methods?.has(method) ?? true) && route.path === asked);
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

function sortKey(registered: RegisteredFunction): string {
  return registered.metadata.name.toUpperCase();
}

function isType(binding: BindingInfo | undefined, type: "http" | "httpTrigger"): boolean {
  return binding?.type?.toLowerCase() === type.toLowerCase();
}

function reasonToSkip(bindings: Readonly<Record<string, BindingInfo>>): string | undefined {
  const foreign = Object.values(bindings).find(
    (binding) => !isType(binding, "httpTrigger") && !isType(binding, "http"),
  );
  if (foreign)
    return `this host runs HTTP triggers and timers only, and it has a ${foreign.type} binding`;
  return isType(bindings.$return, "http") ? undefined : "it does not return an HTTP response";
}
