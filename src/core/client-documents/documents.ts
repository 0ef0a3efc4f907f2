import { createCoalescingCache, type Loaded } from "../cache.ts";
import { failure, type Result } from "../result.ts";
import { type ClientDocument, judgeDocument, type RedirectUriJudge } from "./document.ts";
import { fetchDocument } from "./fetch.ts";
import { createLane } from "./lane.ts";
import { type DocumentNetwork, publicNetwork } from "./network.ts";
import type { DocumentProblem } from "./problem.ts";
import { readDocumentUrl } from "./url.ts";

export interface ClientDocumentsOptions {
  readonly redirectUriProblem: RedirectUriJudge;
  /** {@link publicNetwork} unless given, which tests alone do. */
  readonly network?: DocumentNetwork | undefined;
  /** Milliseconds by a clock that nobody sets. */
  readonly now: () => number;
}

/** The documents of clients whose `client_id` is a URL. */
export interface ClientDocuments {
  /**
   * The document at `clientId`, fetched unless it is held.
   *
   * @param isKnown whether somebody has signed in with this client. What anybody can ask for has
   * little room of its own, so that a flood of made-up ids keeps no known client out.
   */
  load(clientId: string, isKnown: boolean): Promise<Result<ClientDocument, DocumentProblem>>;
}

type Outcome = Result<ClientDocument, DocumentProblem>;

const second = 1_000;
/** Milliseconds. A host chooses within these by `Cache-Control: max-age` (RFC 9111). */
const held = { shortest: 60 * second, usual: 600 * second, longest: 3600 * second };
/** Milliseconds until a document that was refused is asked for again. */
const heldRefusal = 10 * second;
const maximumEntries = 200;

/** Documents in memory, by the exact text of their URL. Concurrent loads of one are shared. */
export function createClientDocuments(options: ClientDocumentsOptions): ClientDocuments {
  const { now, redirectUriProblem, network = publicNetwork } = options;
  const cache = createCoalescingCache<Outcome>({ maximumEntries, now });
  const strangers = createLane({ atOnce: 3, perMinute: 20, now });
  const known = createLane({ atOnce: 10, perMinute: 200, now });

  async function fetchOne(url: URL, isKnown: boolean): Promise<Loaded<Outcome>> {
    const leave = (isKnown ? known : strangers).enter();
    if (!leave) return { value: failure({ kind: "busy" }), usableFor: 0 };
    try {
      const fetched = await fetchDocument(url, network);
      if (!fetched.ok) return { value: fetched, usableFor: heldRefusal };
      const { value, cacheControl } = fetched.value;
      const judged = judgeDocument(value, url.href, redirectUriProblem);
      return { value: judged, usableFor: judged.ok ? lifetimeOf(cacheControl) : heldRefusal };
    } finally {
      leave();
    }
  }

  return {
    async load(clientId, isKnown) {
      const url = readDocumentUrl(clientId);
      if (!url.ok) return url;
      const flight = isKnown ? "known" : "stranger";
      return cache.get(clientId, () => fetchOne(url.value, isKnown), { flight });
    },
  };
}

/** Milliseconds. */
function lifetimeOf(cacheControl = ""): number {
  if (/\bno-(?:store|cache)\b/i.test(cacheControl)) return held.shortest;
  const [, seconds] = /\bmax-age=(\d{1,9})\b/i.exec(cacheControl) ?? [];
  if (seconds === undefined) return held.usual;
  return Math.min(Math.max(Number(seconds) * second, held.shortest), held.longest);
}
