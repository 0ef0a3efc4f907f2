import { isObject } from "../../src/core/encoding.ts";
import type { InvocationRequest } from "./core-types.ts";

/** What of a request the host shows the worker beside its body. */
export interface BoundRequest {
  readonly headers: ReadonlyMap<string, string>;
  readonly query: URLSearchParams;
  /** Where it was read before the invocation. */
  readonly body: Buffer | undefined;
}

/**
 * The parameters of an invocation: the members of a JSON body, then those of the query.
 * One of them that is named like the headers takes the headers' place, whatever its letter case.
 *
 * Source: https://github.com/Azure/azure-webjobs-sdk-extensions, `GetRequestBindingData` in
 * `HttpTriggerAttributeBindingProvider.cs`
 */
export function bindingData(request: BoundRequest): InvocationRequest["triggerMetadata"] {
  const members = membersOf(request.body).map(([name, json]) => [name, { json }] as const);
  const others = [...request.query].map(([name, value]) => [name, { string: value }] as const);
  const data = Object.fromEntries([...members, ...others]);
  if (Object.keys(data).some((name) => name.toLowerCase() === "headers")) return data;
  return { ...data, Headers: { json: JSON.stringify(Object.fromEntries(request.headers)) } };
}

/** Name and JSON of each member; none of what is no JSON object, or too deep to be written again. */
function membersOf(body: Buffer | undefined): readonly (readonly [string, string])[] {
  try {
    const value: unknown = JSON.parse(body?.toString() ?? "");
    if (!isObject(value)) return [];
    return Object.entries(value)
      .filter(([, member]) => member !== null && !Array.isArray(member))
      .map(([name, member]) => [name, JSON.stringify(member)]);
  } catch {
    return [];
  }
}
