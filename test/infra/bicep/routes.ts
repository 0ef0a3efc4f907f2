import type { Finding } from "./finding.ts";
import type { Project } from "./project.ts";
import { allResources, findingAt, isType, type TypedResource } from "./resources.ts";
import { bodyOf, valueAt } from "./syntax.ts";
import { locatedBody, possibleTexts, turnsOf } from "./values.ts";

export interface Route {
  readonly path: string;
  readonly methods: readonly string[];
}

/** The routes that the triggers register, read from their source. */
export function routesIn(project: Project): Route[] {
  return [...project.files]
    .filter(([file]) => file.startsWith("functions/"))
    .flatMap(([, text]) =>
      [...text.matchAll(/route: "([^"]+)"[^[]*methods: \[([^\]]+)\]/g)].map(
        ([, path = "", methods = ""]) => ({
          path,
          methods: [...methods.matchAll(/"([A-Z]+)"/g)].map(([, method = ""]) => method),
        }),
      ),
    );
}

/** The path of the MCP endpoint, the one trigger that takes POST. */
export function mcpRoute(project: Project): string {
  return routesIn(project).find(({ methods }) => methods.includes("POST"))?.path ?? "?";
}

/** The gateway has every path and method that the server has, and no other. */
export function checkGatewayRoutes(project: Project): Finding[] {
  const resources = allResources(project).filter(({ resource }) => !resource.existing);
  const served = new Set(
    routesIn(project).flatMap(({ path, methods }) => methods.map((method) => `${method} /${path}`)),
  );
  const passed = new Set(
    resources
      .filter((each) => isType(each, "Microsoft.ApiManagement/service/apis/operations"))
      .flatMap((each) => operationsOf(project, each)),
  );
  const wrong = [
    ...[...passed].filter((route) => !served.has(route)).map((route) => `${route} is too much`),
    ...[...served].filter((route) => !passed.has(route)).map((route) => `${route} is missing`),
  ];
  return resources
    .filter((each) => wrong.length > 0 && isType(each, "Microsoft.ApiManagement/service/apis"))
    .map((each) => findingAt(each, "gateway-route", each.resource.line, wrong.join("; ")));
}

/** Method and path of every operation that a resource, which may be a loop, stands for. */
function operationsOf(project: Project, each: TypedResource): string[] {
  const properties = valueAt(bodyOf(each.resource), "properties");
  return turnsOf(locatedBody(project, each.template, each.resource)).flatMap((turn) => {
    const texts = (name: string) => {
      const value = valueAt(properties, name);
      return value === undefined ? [] : possibleTexts(project, { ...turn, expression: value });
    };
    return texts("method").flatMap((method) =>
      texts("urlTemplate").map((path) => `${method} ${path}`),
    );
  });
}
