import { randomUUID } from "node:crypto";

export interface Item {
  readonly type: "application" | "group";
  readonly id: string;
  readonly appId?: string;
  readonly uniqueName: string | null;
}

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
  /** How often a deleted item is not found yet before it turns up among the deleted items. */
  readonly purgesTooEarly?: number;
  /** Answers a request otherwise than the tenant would. */
  readonly answerWith?: (request: string) => Response | undefined;
}

export function application(uniqueName: string | null): Item & { readonly appId: string } {
  return { type: "application", id: randomUUID(), appId: randomUUID(), uniqueName };
}

export function group(uniqueName: string | null): Item {
  return { type: "group", id: randomUUID(), uniqueName };
}

/** As much of Microsoft Graph as the hooks use, with its ways: paging, and items that lag behind. */
export function createTenant(options: TenantOptions = {}): Tenant {
  const items = [...(options.items ?? [])];
  const deletedItems = [...(options.deletedItems ?? [])];
  const requests: string[] = [];
  let purgesTooEarly = options.purgesTooEarly ?? 0;

  const take = (list: Item[], id: string): Item | undefined => {
    const index = list.findIndex((item) => item.id === id);
    return index < 0 ? undefined : list.splice(index, 1)[0];
  };

  function answer(method: string, { origin, pathname, searchParams }: URL): Response {
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
    const appId = /^\/applications\(appId='([^']+)'\)$/.exec(path)?.[1];
    const [, type, id] = /^\/(application|group)s\/([^/]+)$/.exec(path) ?? [];
    if (method === "GET" && (appId || type === "group")) {
      const found = items.find((item) => (appId ? item.appId === appId : item.id === id));
      return found ? Response.json(found) : Response.json({ error: {} }, { status: 404 });
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
      return options.answerWith?.(line) ?? answer(request.method, url);
    },
  };
}
