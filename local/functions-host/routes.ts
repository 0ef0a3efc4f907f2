import type { BindingInfo } from "./core-types.ts";
import type { RegisteredFunction } from "./registrations.ts";
import { matchRouteTemplate, parseRouteTemplate, type RouteTemplate } from "./route-template.ts";

/** A function that requests can reach. */
export interface HttpRoute {
  readonly function: RegisteredFunction;
  /** The trigger's name among the function's bindings. */
  readonly triggerName: string;
  /** Upper case; `undefined` for every method. */
  readonly methods: ReadonlySet<string> | undefined;
  readonly template: RouteTemplate;
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
 * @throws {StartFailure} for a route that cannot be read
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
    const template = route || name;
    routes.push({
      function: registered,
      triggerName,
      methods: methods && new Set(methods.map((method) => method.toUpperCase())),
      template: parseRouteTemplate(routePrefix ? `${routePrefix}/${template}` : template),
    });
  }
  return { routes, skipped };
}

/** The first route that fits, with the values of its parameters. */
export function findRoute(
  routes: readonly HttpRoute[],
  method: string,
  path: string,
):
  | { readonly route: HttpRoute; readonly parameters: Readonly<Record<string, string>> }
  | undefined {
  for (const route of routes) {
    if (route.methods && !route.methods.has(method)) continue;
    const parameters = matchRouteTemplate(route.template, path);
    if (parameters) return { route, parameters };
  }
  return undefined;
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
