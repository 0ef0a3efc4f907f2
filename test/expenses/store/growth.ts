import { createDefaultHttpClient, type HttpClient } from "@azure/core-rest-pipeline";

/** What an operation asked of Cosmos DB about items, and what came back. */
export interface Cost {
  requests: number;
  /** Questions for the plan of a query, which the SDK asks with each and needs for few. */
  plans: number;
  /** Each query once, in the order in which they were first sent. */
  queries: string[];
  /** Items in the answers. */
  items: number;
  /** Of the answers' bodies. */
  bytes: number;
  /** Request units. The emulator says 1 of every request. */
  charge: number;
}

/** A client of Cosmos DB that counts what goes over the wire. */
export function countingClient(): {
  readonly httpClient: HttpClient;
  /** What the requests until `call` has ended cost together. */
  costOf(call: () => Promise<unknown>): Promise<Cost>;
} {
  const network = createDefaultHttpClient();
  let cost = nothing();
  return {
    httpClient: {
      async sendRequest(request) {
        const response = await network.sendRequest(request);
        if (!/\/docs(\/|$)/.test(new URL(request.url).pathname)) return response;
        if (request.headers.has("x-ms-cosmos-is-query-plan-request")) {
          cost.plans += 1;
          return response;
        }
        const query = queryIn(request.body);
        if (query !== undefined && !cost.queries.includes(query)) cost.queries.push(query);
        cost.requests += 1;
        cost.items += itemsIn(response.bodyAsText);
        cost.bytes += Buffer.byteLength(response.bodyAsText ?? "");
        cost.charge += Number(response.headers.get("x-ms-request-charge") ?? 0);
        return response;
      },
    },
    async costOf(call) {
      cost = nothing();
      await call();
      const { queries, ...counts } = cost;
      return { ...counts, queries: [...queries] };
    },
  };
}

function nothing(): Cost {
  return { requests: 0, plans: 0, queries: [], items: 0, bytes: 0, charge: 0 };
}

function queryIn(body: unknown): string | undefined {
  return typeof body === "string" ? JSON.parse(body).query : undefined;
}

function itemsIn(body: string | null | undefined): number {
  const { Documents: found, id } = JSON.parse(body || "{}");
  return Array.isArray(found) ? found.length : Number(id !== undefined);
}
