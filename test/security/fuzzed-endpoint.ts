import type { Container } from "@azure/cosmos";
import type { Adapters } from "../../src/app.ts";
import { unfailing } from "../../src/gates/way-out.ts";
import type { SigningKey } from "../gates/tokens.ts";
import { composeForTest, type LoggedEvent } from "../support/composed.ts";
import { sample, type TestedDomain } from "../support/domains.ts";

export { host } from "../support/composed.ts";

export interface FuzzedEndpoint {
  /** What it serves. */
  readonly tested: TestedDomain;
  /** The key that good tokens are signed with. */
  readonly key: SigningKey;
  send(request: Request): Promise<Response>;
  /** How often something has been deleted. */
  deleted(): number;
  /** Events of the log since the last call. */
  takeEvents(): LoggedEvent[];
}

/** What a container is asked for, as far as domains do. */
export interface FakeContainer {
  create(): Promise<unknown>;
  query(): Promise<{ readonly resources: readonly unknown[] }>;
  read(id: string, partition: string): Promise<unknown>;
  delete(): Promise<unknown>;
}

/**
 * A container that keeps nothing: what matters here is what reaches it, and what comes back. The one
 * item in it is everybody's, and is still there when it has been deleted.
 */
function keepsNothing({ stored: { item } }: TestedDomain): FakeContainer {
  return {
    create: async () => ({}),
    query: async () => ({ resources: [] }),
    read: async (id, userId) =>
      id === item.id ? { resource: { ...item, userId }, etag: '"1"' } : {},
    delete: async () => ({}),
  };
}

/** What stands in for the parts outside the pipeline, such as parts that fail. */
export interface FuzzedParts {
  readonly container?: FakeContainer;
  readonly adapters?: Partial<Adapters>;
}

/** The application in this process: gates, token, protocol, tools. */
export async function createFuzzedEndpoint(
  tested: TestedDomain = sample,
  { container = keepsNothing(tested), adapters = {} }: FuzzedParts = {},
): Promise<FuzzedEndpoint> {
  let deleted = 0;
  const counting = {
    items: {
      create: () => container.create(),
      query: () => {
        let asked = false;
        const fetchNext = () => {
          asked = true;
          return container.query();
        };
        return { fetchAll: fetchNext, fetchNext, hasMoreResults: () => !asked };
      },
    },
    item: (id: string, partition: string) => ({
      read: () => container.read(id, partition),
      delete: () => {
        deleted += 1;
        return container.delete();
      },
    }),
  } as unknown as Container;
  const app = await composeForTest(tested.domain, {
    adapters: { openContainer: async () => counting, ...adapters },
  });
  const { key, events } = app;
  const log = (_level: string, event: string) => events.push({ event, fields: undefined });
  return {
    tested,
    key,
    send: (request) => unfailing(() => app.send(request), log),
    deleted: () => deleted,
    takeEvents: () => events.splice(0),
  };
}
