import { randomUUID } from "node:crypto";

export interface Item {
  readonly type: "application" | "group" | "servicePrincipal";
  readonly id: string;
  readonly appId?: string;
  readonly uniqueName: string | null;
  /** Object ids; empty where an administrator made it. */
  readonly owners?: readonly string[];
  /** Any other property that Graph has of it. */
  readonly [property: string]: unknown;
}

type Body = Readonly<Record<string, unknown>>;

export interface Tenant {
  /** Microsoft Graph over this tenant. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** Every request, as `METHOD path`. */
  readonly requests: string[];
  readonly items: Item[];
  readonly deletedItems: Item[];
}

export interface TenantOptions {
  readonly items?: readonly Item[];
  readonly deletedItems?: readonly Item[];
  readonly accessToken?: string;
  /** Object id of the person whose token it is. */
  readonly me?: string;
  /** How often a deleted item is not found yet before it turns up among the deleted items. */
  readonly purgesTooEarly?: number;
  /** Answers a request otherwise than the tenant would. */
  readonly answerWith?: (request: string) => Response | undefined;
}

export function application(
  uniqueName: string | null,
  properties: Readonly<Record<string, unknown>> = {},
): Item & { readonly appId: string } {
  return { ...properties, type: "application", id: randomUUID(), appId: randomUUID(), uniqueName };
}

export function group(uniqueName: string | null): Item {
  return { type: "group", id: randomUUID(), uniqueName };
}

/**
 * As much of Microsoft Graph as the hooks and commands use, with its ways: paging, items that lag behind,
 * and changes of an application that keep what they do not name.
 */
export function createTenant(options: TenantOptions = {}): Tenant {
  const items = [...(options.items ?? [])];
  const deletedItems = [...(options.deletedItems ?? [])];
  const requests: string[] = [];
  let purgesTooEarly = options.purgesTooEarly ?? 0;

  const take = (list: Item[], id: string): Item | undefined => {
    const index = list.findIndex((item) => item.id === id);
    return index < 0 ? undefined : list.splice(index, 1)[0];
  };

  function answer(request: Request, { origin, pathname, searchParams }: URL, body: Body): Response {
    const { method } = request;
    const path = decodeURIComponent(pathname).replace("/v1.0", "");
    const listed = /^\/directory\/deletedItems\/microsoft\.graph\.(\w+)$/.exec(path)?.[1];
    if (method === "GET" && listed) {
      const all = deletedItems.filter(({ type }) => type === listed);
      const at = Number(searchParams.get("$skiptoken") ?? 0);
      const next = `${origin}${pathname}?$skiptoken=${at + 1}`;
      return Response.json({
        value: all.slice(at, at + 1),
        ...(at + 1 < all.length ? { "@odata.nextLink": next } : {}),
      });
    }
    const purged = /^\/directory\/deletedItems\/([^/]+)$/.exec(path)?.[1];
    if (method === "DELETE" && purged) {
      if (purgesTooEarly-- > 0) return new Response(null, { status: 404 });
      return new Response(null, { status: take(deletedItems, purged) ? 204 : 404 });
    }
    const [, type, key = "id", value] =
      /^\/(application|group|servicePrincipal)s(?:\((appId|uniqueName)='([^']+)'\))$/.exec(path) ??
      /^\/(application|group)s()\/([^/]+)$/.exec(path)?.map((part) => part || undefined) ??
      [];
    const index = items.findIndex((item) => item.type === type && item[key] === value);
    const found = items[index];
    const id = key === "id" ? value : undefined;
    if (method === "GET" && type) {
      return found ? Response.json(found) : refusal(404, "Resource does not exist.");
    }
    if (method === "PATCH" && type === "application") {
      if (found) {
        items[index] = merged(found, body);
        return new Response(null, { status: 204 });
      }
      if (key !== "uniqueName" || request.headers.get("prefer") !== "create-if-missing") {
        return refusal(404, "Resource does not exist.");
      }
      // Graph gives who is no administrator what they make.
      const made = { ...application(String(value), body), owners: options.me ? [options.me] : [] };
      items.push(made);
      return Response.json(made, { status: 201 });
    }
    const owned = /^\/applications\/([^/]+)\/owners$/.exec(path)?.[1];
    if (method === "GET" && owned) {
      const owners = items.find((item) => item.id === owned)?.owners ?? [];
      return Response.json({ value: owners.map((owner) => ({ id: owner })) });
    }
    if (method === "GET" && path === "/me")
      return Response.json({ id: options.me ?? randomUUID() });
    if (method === "POST" && path === "/servicePrincipals") {
      const { appId } = body as { appId?: string };
      const has = (kind: Item["type"]) => items.some((o) => o.type === kind && o.appId === appId);
      if (!has("application")) {
        return refusal(400, `The appId '${appId}' does not reference a valid application object.`);
      }
      if (has("servicePrincipal")) return refusal(409, "The service principal is already in use.");
      const made: Item = { ...body, type: "servicePrincipal", id: randomUUID(), uniqueName: null };
      items.push(made);
      return Response.json(made, { status: 201 });
    }
    if (method === "DELETE" && id) {
      const taken = take(items, id);
      if (taken) deletedItems.push(taken);
      return new Response(null, { status: taken ? 204 : 404 });
    }
    return new Response(`The tenant does not know ${method} ${path}.`, { status: 400 });
  }

  return {
    requests,
    items,
    deletedItems,
    async fetch(input, init) {
      const request = new Request(input, init);
      const url = new URL(request.url);
      const line = `${request.method} ${decodeURIComponent(url.pathname)}`;
      requests.push(line);
      if (
        request.headers.get("authorization") !==
        `Bearer ${options.accessToken ?? "an-access-token"}`
      )
        return new Response(null, { status: 401 });
      const body = (request.body ? await request.json() : {}) as Body;
      return options.answerWith?.(line) ?? answer(request, url, body);
    },
  };
}

/** An error as Graph words it. */
export function refusal(status: number, message: string): Response {
  return Response.json({ error: { code: "Request_BadRequest", message } }, { status });
}

/** Complex properties are changed within; lists are replaced. */
function merged(item: Item, changes: Body): Item {
  const isComplex = (value: unknown): value is object =>
    value instanceof Object && !Array.isArray(value);
  const properties = Object.entries(changes).map(([name, value]) => {
    const before = item[name];
    return [name, isComplex(value) && isComplex(before) ? { ...before, ...value } : value];
  });
  return { ...item, ...Object.fromEntries(properties) };
}
