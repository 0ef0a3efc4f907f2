export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value at a path such as `properties.siteConfig.cors`; `undefined` where there is none. */
export function at(value: Json | undefined, path: string): Json | undefined {
  let found = value;
  for (const name of path.split(".")) {
    if (Array.isArray(found)) found = found[Number(name)];
    else found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return found;
}

export function objectAt(value: Json | undefined, path: string): JsonObject {
  const found = at(value, path);
  return isObject(found) ? found : {};
}

/** The items of a list; none where there is no list. */
export function listAt(value: Json | undefined, path: string): readonly Json[] {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
}

/** A text; empty where there is none. */
export function textAt(value: Json | undefined, path: string): string {
  const found = at(value, path);
  return typeof found === "string" ? found : "";
}

/** Every member of an object, and of those inside it, with its path. */
export function membersOf(value: Json, path = ""): { path: string; name: string; value: Json }[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const place = path === "" ? name : `${path}.${name}`;
    return [{ path: place, name, value: inner }, ...membersOf(inner, place)];
  });
}
