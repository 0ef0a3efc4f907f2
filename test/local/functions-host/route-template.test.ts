import { describe, expect, it } from "vitest";
import {
  matchRouteTemplate,
  parseRouteTemplate,
} from "../../../local/functions-host/route-template.ts";
import { verifies } from "../../requirements.ts";

function match(template: string, path: string) {
  return matchRouteTemplate(parseRouteTemplate(template), path);
}

describe("a route template", () => {
  it.each([
    ["mcp", "/mcp", {}],
    ["mcp", "/MCP/", {}],
    [".well-known/resource", "/.well-known/resource", {}],
    ["products/{category}/{id}", "/Products/Books/7", { category: "Books", id: "7" }],
    ["products/{category:alpha}/{id:int?}", "/products/books", { category: "books" }],
    ["products/{category:alpha}/{id:int?}", "/products/books/-7", { category: "books", id: "-7" }],
    ["files/{name}.{extension}", "/files/a.tar.gz", { name: "a.tar", extension: "gz" }],
    ["files/{*path}", "/files/a/b/", { path: "a/b/" }],
    ["files/{*path}", "/files", {}],
    ["{*path}", "/", {}],
    ["{user-id:guid}", "/0B1D6F3E-8c24-4e7a-9a50-f7c2e81b3d96", expect.anything()],
    ["flags/{on:bool}", "/flags/True", { on: "True" }],
    ["items/{id}", "/items/gr%C3%BCn%20%2F1", { id: "grün %2F1" }],
    ["items/{id}", "/items/%ff", { id: "%ff" }],
    ["items/{id}", "/items/a%0Ab", { id: "a\nb" }],
  ])(verifies("functions-host.routes", "%s fits %s"), (template, path, parameters) => {
    expect(match(template, path)).toEqual(parameters);
  });

  it.each([
    ["mcp", "/mcp/more"],
    ["mcp", "//mcp"],
    ["mcp", "/"],
    [".well-known/resource", "/xwell-known/resource"],
    ["items/{id}", "/items"],
    ["items/{id}", "/items/"],
    ["items/{id:int}", "/items/seven"],
    ["items/{id:int?}", "/items/seven"],
    ["{user-id:guid}", "/0b1d6f3e"],
    ["{category:alpha}", "/b00ks"],
  ])(verifies("functions-host.routes", "%s does not fit %s"), (template, path) => {
    expect(match(template, path)).toBeUndefined();
  });

  it.each([
    ["api//mcp", "empty segment"],
    ["/mcp", "empty segment"],
    ["items/{id", "unbalanced brace"],
    ["items/{}", "cannot read, {}"],
    ["items/{id=5}", "cannot read, {id=5}"],
    ["items/{id}/{ID}", "names the parameter ID twice"],
    ["{id?}/items", "{id?} only as its whole last segment"],
    ["files/{*path}.gz", "{*path} only as its whole last segment"],
    ["items/{id:range(1,5)}", "cannot read"],
    ["items/{id:datetime}", "has the constraint datetime; this host knows only alpha, bool"],
  ])(verifies("functions-host.start-failure", "%s is refused: %s"), (template, problem) => {
    expect(() => parseRouteTemplate(template)).toThrow(problem);
    expect(() => parseRouteTemplate(template)).toThrow(`The route "${template}"`);
  });
});
