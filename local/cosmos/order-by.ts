/** The part of an indexing policy that decides how results can be ordered. */
export interface IndexedPaths {
  readonly includedPaths?: readonly { readonly path: string }[];
  readonly excludedPaths?: readonly { readonly path: string }[];
}

/**
 * Why Azure Cosmos DB refuses (400) to order by a property alone: it is not indexed. The engine of this
 * emulator looks at the composite indexes that an order by several properties needs, and at nothing
 * else.
 *
 * @see https://learn.microsoft.com/azure/cosmos-db/nosql/query/order-by
 */
export function orderProblem(query: string, policy: IndexedPaths = {}): string | undefined {
  const { order } = /\sORDER\s+BY\s+(?<order>[^)]+)$/i.exec(query)?.groups ?? {};
  if (order === undefined || order.includes(",")) return undefined;
  const [property = ""] = order.trim().split(/\s+/);
  const path = `/${property.split(".").slice(1).join("/")}`;
  return isIndexed(path, policy)
    ? undefined
    : `The order-by item requires a range index to be defined on the corresponding index path: ${path}.`;
}

/** The longest path that fits decides; `/?` ends a path at a value, `/*` takes all below it. */
function isIndexed(path: string, { includedPaths, excludedPaths = [] }: IndexedPaths): boolean {
  // These two are, whatever the policy says.
  if (path === "/id" || path === "/_ts") return true;
  const lengthIn = (paths: readonly { readonly path: string }[]) =>
    Math.max(0, ...paths.filter((one) => fits(one.path, path)).map((one) => one.path.length));
  return lengthIn(includedPaths ?? [{ path: "/*" }]) > lengthIn(excludedPaths);
}

function fits(pattern: string, path: string): boolean {
  if (pattern.endsWith("/?")) return pattern.slice(0, -2).replaceAll('"', "") === path;
  return `${path}/`.startsWith(pattern.slice(0, -1).replaceAll('"', ""));
}
