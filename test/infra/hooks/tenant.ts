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
  /** The tenant's. */
  readonly id?: string;
  /** Object id of the person whose token it is. */
  readonly me?: string;
  /** How often an application is not found yet after it was made. */
  readonly foundTooLate?: number;
  /** Domains that the tenant has verified; without them it takes any. */
  readonly verifiedDomains?: readonly string[];
  /** Whether a policy of the tenant restricts identifier URIs. */
  readonly restrictsIdentifierUris?: boolean;
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
 * changes of an application that keep what they do not name, and what it says of identifier URIs that are
 * added: a domain that is not verified, a policy, one that another application has, a final slash. Those
 * that are there already are not judged.
 *
 * @see https://learn.microsoft.com/graph/api/application-update
 * @see https://learn.microsoft.com/entra/identity-platform/reference-breaking-changes
 * @see https://learn.microsoft.com/entra/identity-platform/identifier-uri-restrictions
 */
export function createTenant(options: TenantOptions = {}): Tenant {
  const items = [...(options.items ?? [])];
  const deletedItems = [...(options.deletedItems ?? [])];
  const requests: string[] = [];
  let purgesTooEarly = options.purgesTooEarly ?? 0;
  let foundTooLate = options.foundTooLate ?? 0;

  const take = (list: Item[], id: string): Item | undefined => {
    const index = list.findIndex((item) => item.id === id);
    return index < 0 ? undefined : list.splice(index, 1)[0];
  };

  /** The refusal of an identifier URI that a change adds. */
  function refusedUri(found: Item, { identifierUris: listed }: Body): Response | undefined {
    const urisOf = ({ identifierUris }: Body): string[] =>
      Array.isArray(identifierUris) ? identifierUris : [];
    const added = urisOf({ identifierUris: listed }).filter((uri) => !urisOf(found).includes(uri));
    for (const uri of added) {
      const others = [...items, ...deletedItems].filter(({ id }) => id !== found.id);
      if (others.some((other) => urisOf(other).includes(uri))) {
        const message =
          "Another object with the same value for property identifierUris already exists.";
        return refusal(400, message, "Request_BadRequest", "ObjectConflict");
      }
      if (uri.endsWith("/")) return refusal(400, "Invalid value specified for identifierUris.");
      if (options.restrictsIdentifierUris) {
        const message = `Failed to add identifier URI ${uri}. All newly added URIs must contain a tenant verified domain, tenant ID, or app ID, as per the default tenant policy of your organization. See https://aka.ms/identifier-uri-addition-error for more information on this error.`;
        return refusal(400, message);
      }
      const { protocol, hostname } = new URL(uri);
      const isVerified = (options.verifiedDomains ?? [hostname]).some(
        (domain) => hostname === domain || hostname.endsWith(`.${domain}`),
      );
      if (protocol === "https:" && !isVerified) {
        const message = `Values of identifierUris property must use a verified domain of the organization or its subdomain: '${uri}'`;
        return refusal(400, message, "HostNameNotOnVerifiedDomain");
      }
    }
    return undefined;
  }

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
    const isThereYet = type !== "application" || foundTooLate-- <= 0;
    const found = isThereYet ? items[index] : undefined;
    const id = key === "id" ? value : undefined;
    if (method === "GET" && type) {
      return found ? Response.json(found) : refusal(404, "Resource does not exist.");
    }
    if (method === "PATCH" && type === "application") {
      if (found) {
        const refused = refusedUri(found, body);
        if (refused) return refused;
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
    const [, kind, owned] =
      /^\/(application|servicePrincipal)s\(appId='([^']+)'\)\/owners$/.exec(path) ?? [];
    if (method === "GET" && owned) {
      const item = items.find(({ type: its, appId }) => its === kind && appId === owned);
      if (!item) return refusal(404, "Resource does not exist.");
      return Response.json({ value: (item.owners ?? []).map((owner) => ({ id: owner })) });
    }
    if (method === "GET" && path === "/organization") {
      return Response.json({ value: [{ id: options.id ?? randomUUID() }] });
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
export function refusal(
  status: number,
  message: string,
  code = "Request_BadRequest",
  ...details: readonly string[]
): Response {
  const error = { code, message, details: details.map((each) => ({ code: each, message })) };
  return Response.json({ error }, { status });
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
