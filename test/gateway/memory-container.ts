import { setImmediate } from "node:timers/promises";
import { type Container, ErrorResponse, type SqlQuerySpec } from "@azure/cosmos";

/** One call of an instance to the container. */
export interface ContainerCall {
  readonly operation: "create" | "read" | "replace" | "delete" | "query";
  readonly partition: string;
  /** Absent for a query. */
  readonly id?: string;
}

export interface ViewOptions {
  /**
   * So many of the view's reads of an item go on seeing what was there before another view wrote it; 0
   * unless given. What it writes itself it sees at once, with all that the partition was written before,
   * as Session consistency promises.
   */
  readonly staleReads?: number;
  /** Called before each call. One that it throws at has not taken place. */
  readonly before?: (call: ContainerCall) => void | Promise<void>;
  /** Called after each call. One that it throws at has taken place, unknown to whoever called. */
  readonly after?: (call: ContainerCall) => void | Promise<void>;
}

/** The database as one instance of the server sees it. */
export interface ContainerView {
  readonly container: Container;
  /** From now on, the view sees nothing of what others write. */
  lag(): void;
  /** It sees all again. */
  catchUp(): void;
}

type Document = Readonly<Record<string, unknown>>;

interface Version {
  /** Counts the writes of the whole container. */
  readonly at: number;
  /** Absent: deleted, or not there yet. */
  readonly document?: Document & { readonly _etag: string };
}

/**
 * A Cosmos DB container in memory, partitioned by `/partition`, that several instances share. Conditions
 * are judged by what is there, and reads by what the instance sees. It deletes nothing by itself: whoever
 * uses it has to heed expiry.
 *
 * @example
 * const memory = new MemoryContainer();
 * const here = memory.view();
 * const there = memory.view({ staleReads: 2 });
 * composeForTest(domain, { adapters: { openContainer: async () => there.container } });
 */
export class MemoryContainer {
  readonly #histories = new Map<string, Version[]>();
  #writes = 0;

  view(options: ViewOptions = {}): ContainerView {
    const seen = new Sight(options.staleReads ?? 0, () => this.#writes);
    const { before = () => {}, after = () => {} } = options;

    /** Answers in a later turn, as a network would. */
    const call = async <Value>(made: ContainerCall, work: () => Value): Promise<Value> => {
      await before(made);
      await setImmediate();
      const value = work();
      await after(made);
      // What a caller does with an item changes nothing that is stored.
      return structuredClone(value);
    };

    const write = (partition: string, id: string, document?: Document) => {
      const history = this.#history(partition, id);
      this.#writes += 1;
      const _etag = `"${this.#writes}"`;
      const at = this.#writes;
      // As JSON has it, without what is undefined.
      const stored = document && { ...JSON.parse(JSON.stringify(document)), _etag };
      history.push(stored ? { at, document: stored } : { at });
      seen.wrote(partition);
      return { resource: stored, etag: _etag };
    };

    const mustMatch = (partition: string, id: string, options?: Conditions) => {
      const there = this.#history(partition, id).at(-1)?.document;
      if (!there) throw answer(404);
      const { condition = there._etag } = options?.accessCondition ?? {};
      if (condition !== there._etag) throw answer(412);
    };

    const container = {
      id: "memory",
      read: async () => ({ resource: { id: "memory" } }),
      items: {
        create: (document: Document) => {
          const { partition, id } = keyOf(document);
          return call({ operation: "create", partition, id }, () => {
            if (this.#history(partition, id).at(-1)?.document) throw answer(409);
            return write(partition, id, document);
          });
        },
        query: (query: SqlQuerySpec, { partitionKey }: { partitionKey?: unknown } = {}) => ({
          fetchAll: () => {
            const partition = text(partitionKey);
            return call({ operation: "query", partition }, () => {
              const documents = [...this.#histories]
                .filter(([key]) => key.startsWith(`${partition}/`))
                .flatMap(([, history]) => seen.document(partition, history) ?? []);
              return { resources: select(query, documents) };
            });
          },
        }),
      },
      item: (id: string, partition: string) => ({
        read: () =>
          call({ operation: "read", partition, id }, () => {
            const resource = seen.document(partition, this.#history(partition, id));
            return resource
              ? { resource, etag: resource._etag, statusCode: 200 }
              : { resource: undefined, etag: undefined, statusCode: 404 };
          }),
        replace: (document: Document, options?: Conditions) =>
          call({ operation: "replace", partition, id }, () => {
            mustMatch(partition, id, options);
            return write(partition, id, document);
          }),
        delete: (options?: Conditions) =>
          call({ operation: "delete", partition, id }, () => {
            mustMatch(partition, id, options);
            return write(partition, id);
          }),
      }),
    };
    return {
      container: container as object as Container,
      lag: () => seen.from(this.#writes),
      catchUp: () => seen.from(undefined),
    };
  }

  /** What is stored, whoever has written it, without the versions before. */
  documents(): Document[] {
    return [...this.#histories.values()].flatMap((history) => history.at(-1)?.document ?? []);
  }

  #history(partition: string, id: string): Version[] {
    const key = `${text(partition)}/${text(id)}`;
    const known = this.#histories.get(key) ?? [];
    this.#histories.set(key, known);
    return known;
  }
}

/** What one view sees of each item. */
class Sight {
  readonly #staleReads: number;
  readonly #writes: () => number;
  /** Of each item, up to which write it is seen, and how many reads have gone by since. */
  #items = new Map<Version[], { readonly upTo: number; readonly reads: number }>();
  /** Of each partition, up to which write it is seen at least. */
  #partitions = new Map<string, number>();
  #start: number;
  #isLagging = false;

  constructor(staleReads: number, writes: () => number) {
    this.#staleReads = staleReads;
    this.#writes = writes;
    this.#start = writes();
  }

  /** Sees all up to this write and nothing later; everything where it is undefined. */
  from(write: number | undefined): void {
    this.#isLagging = write !== undefined;
    this.#start = this.#writes();
    this.#items = new Map();
    this.#partitions = new Map();
  }

  wrote(partition: string): void {
    this.#partitions.set(partition, this.#writes());
  }

  document(partition: string, history: Version[]): Version["document"] {
    const item = this.#items.get(history) ?? { upTo: this.#start, reads: 0 };
    const { reads } = item;
    const upTo = Math.max(item.upTo, this.#partitions.get(partition) ?? 0);
    const latest = history.at(-1);
    const isBehind = latest !== undefined && latest.at > upTo;
    if (isBehind && (this.#isLagging || reads < this.#staleReads)) {
      this.#items.set(history, { upTo, reads: reads + 1 });
      return history.findLast(({ at }) => at <= upTo)?.document;
    }
    this.#items.set(history, { upTo: Math.max(upTo, latest?.at ?? 0), reads: 0 });
    return latest?.document;
  }
}

interface Conditions {
  readonly accessCondition?: { readonly condition: string };
}

/** `SELECT *` or `SELECT VALUE COUNT(1)`, and conditions joined by AND, each with a parameter. */
function select({ query, parameters = [] }: SqlQuerySpec, documents: readonly Document[]) {
  const [, what, where] = /^SELECT (\*|VALUE COUNT\(1\)) FROM c WHERE (.+)$/.exec(query) ?? [];
  if (what === undefined || where === undefined) throw answer(400);
  const conditions = where.split(" AND ").map((condition) => {
    const [, name = "", sign, parameter] = /^c\.(\w+) (=|>) (@\w+)$/.exec(condition) ?? [];
    const given = parameters.find((one) => one.name === parameter);
    if (!given) throw answer(400);
    return (document: Document) =>
      sign === "=" ? document[name] === given.value : Number(document[name]) > Number(given.value);
  });
  const found = documents.filter((document) => conditions.every((holds) => holds(document)));
  return what === "*" ? found : [found.length];
}

/** An answer of the service other than success, as the SDK throws it. */
function answer(code: number): ErrorResponse {
  return Object.assign(new ErrorResponse(`The container answers ${code}.`), { code });
}

function keyOf({ partition, id }: Document) {
  return { partition: text(partition), id: text(id) };
}

/** A partition or an id, without which a call would be no point read or query of one partition. */
function text(value: unknown): string {
  if (typeof value !== "string" || value === "") throw answer(400);
  return value;
}
