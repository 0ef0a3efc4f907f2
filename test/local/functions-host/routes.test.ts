import { describe, expect, it } from "vitest";
import type { BindingInfo } from "../../../local/functions-host/core-types.ts";
import { findRoute, httpRoutes } from "../../../local/functions-host/routes.ts";
import { verifies } from "../../requirements.ts";

function registered(name: string, trigger: BindingInfo, more: Record<string, BindingInfo> = {}) {
  const bindings = {
    trigger: { type: "httpTrigger", direction: "in", ...trigger },
    $return: { type: "http", direction: "out" },
    ...more,
  } as const;
  return { metadata: { name, bindings }, callback: () => undefined };
}

function nameAt(functions: ReturnType<typeof registered>[], method: string, path: string) {
  const { routes } = httpRoutes(functions, "api");
  return findRoute(routes, method, path)?.function.metadata.name;
}

describe("the routes of an app", () => {
  it(verifies("functions-host.route-order", "are tried in the order of the names"), () => {
    const [ping, other, user] = ["ping", "Other", "user"].map((name) =>
      registered(name, { route: "ping" }),
    );
    if (!ping || !other || !user) throw new Error("There are three.");
    expect(nameAt([ping, other], "GET", "/api/ping")).toBe("Other");
    expect(nameAt([user, ping], "GET", "/api/ping")).toBe("ping");
  });

  it(verifies("functions-host.routes", "default to the function's name and every method"), () => {
    expect(nameAt([registered("ping", {})], "TRACE", "/api/ping")).toBe("ping");
    expect(nameAt([registered("ping", {})], "GET", "/ping")).toBeUndefined();
  });

  it.each(["/API/Ping/", "/api/p%69ng"])(
    verifies("functions-host.routes", "fit %s as ASP.NET Core reads it"),
    (path) => {
      expect(nameAt([registered("ping", {})], "GET", path)).toBe("ping");
    },
  );

  it.each(["items/{id}", "/items", "items//all"])(
    verifies("functions-host.start-failure", "cannot be %s"),
    (route) => {
      expect(() => nameAt([registered("items", { route })], "GET", "/")).toThrow(
        `The route "api/${route}"`,
      );
    },
  );

  it(verifies("functions-host.routes", "share a path where their methods differ"), () => {
    const reader = registered("a", { route: "items", methods: ["get"] });
    const writer = registered("b", { route: "items", methods: ["POST"] });
    expect(nameAt([reader, writer], "GET", "/api/items")).toBe("a");
    expect(nameAt([reader, writer], "POST", "/api/items")).toBe("b");
    expect(nameAt([reader, writer], "DELETE", "/api/items")).toBeUndefined();
  });

  it(verifies("functions-host.skipped", "leave out what only the real host can run"), () => {
    const { routes, skipped } = httpRoutes(
      [
        registered("timer", { type: "timerTrigger" }),
        registered("reader", {}, { blob: { type: "blob", direction: "in" } }),
        registered("silent", {}, { $return: { type: "queue", direction: "out" } }),
      ],
      "",
    );
    expect(routes).toEqual([]);
    expect(skipped.map(({ name }) => name)).toEqual(["reader", "silent", "timer"]);
    expect(skipped[0]?.reason).toContain("blob");
  });
});
