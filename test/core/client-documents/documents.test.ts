import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type ClientDocuments,
  createClientDocuments,
} from "../../../src/core/client-documents/documents.ts";
import { FakeClock } from "../../keys/fake-clock.ts";
import { verifies } from "../../requirements.ts";
import {
  type Answer,
  type DocumentHost,
  goodDocument,
  startDocumentHost,
} from "../../support/document-host.ts";

const second = 1_000;
const minute = 60 * second;

let host: DocumentHost;
let clock: FakeClock;
let documents: ClientDocuments;
beforeEach(async () => {
  host = await startDocumentHost();
  clock = new FakeClock();
  documents = createClientDocuments({
    redirectUriProblem: () => undefined,
    network: host.network,
    now: clock.now,
  });
});
afterEach(() => host.close());

const load = (url: string) => documents.load(url, false);
const kindOf = async (found: ReturnType<typeof load>) => {
  const outcome = await found;
  return outcome.ok ? "found" : outcome.reason.kind;
};

/** A good document that may be held so long. */
const held =
  (url: string, cacheControl: string): Answer =>
  (_request, response) =>
    response
      .writeHead(200, { "Content-Type": "application/json", "Cache-Control": cacheControl })
      .end(JSON.stringify(goodDocument(url)));

describe("a document", () => {
  const cited = "client-documents.cached";

  it.each([
    ["nothing", undefined, 10 * minute],
    ["five minutes", "public, max-age=300", 5 * minute],
    ["a second", "max-age=1", minute],
    ["a year", "max-age=31536000, immutable", 60 * minute],
    ["not at all", "no-store", minute],
    ["not at all, and a year", "no-cache, max-age=31536000", minute],
    ["something unreadable", "max-age=-1", 10 * minute],
  ])(
    verifies(cited, "whose host says %s is held as long as it should"),
    async (_what, says, time) => {
      const url = host.publish("/c");
      if (says !== undefined) host.publish("/c", held(url, says));
      await load(url);
      clock.advance(time - 1);
      expect(await kindOf(load(url))).toBe("found");
      expect(host.requests).toHaveLength(1);
      clock.advance(1);
      expect(await kindOf(load(url))).toBe("found");
      expect(host.requests).toHaveLength(2);
    },
  );

  it(verifies(cited, "that is refused is asked for again after ten seconds"), async () => {
    const url = host.publish("/c", { client_secret: "secret" });
    expect(await kindOf(load(url))).toBe("secret");
    host.publish("/c");
    clock.advance(10 * second - 1);
    expect(await kindOf(load(url))).toBe("secret");
    clock.advance(1);
    expect(await kindOf(load(url))).toBe("found");
  });

  it(verifies(cited, "is fetched once for all that ask meanwhile"), async () => {
    const url = host.publish("/c");
    const found = await Promise.all(Array.from({ length: 10 }, () => kindOf(load(url))));
    expect(new Set(found)).toEqual(new Set(["found"]));
    expect(host.requests).toHaveLength(1);
  });

  it(verifies(cited, "says nothing about that of another URL"), async () => {
    const good = host.publish("/good");
    const liar = host.publish("/liar", { client_id: good, client_name: "A liar" });
    expect(await kindOf(load(liar))).toBe("other-client-id");
    expect(await load(good)).toMatchObject({ value: { url: good, name: "An agent" } });
    const others = ["/Good", "/good/", "/goo%64", "/good%20", "//good"];
    for (const path of others) expect(await kindOf(load(`${host.origin}${path}`))).toBe("status");
    for (const text of [`${good}#`, `${good}?`, `${good} `, good.toUpperCase()]) {
      expect(await kindOf(load(text))).toBe("url");
    }
    expect(host.requests).toEqual(["/liar", "/good", ...others]);
  });
});

describe("a flood of client ids", () => {
  const cited = "client-documents.bounded";

  it(
    verifies(cited, "fetches 20 documents a minute, and leaves room for known clients"),
    async () => {
      const outcomes: string[] = [];
      for (let id = 0; id < 50; id++) outcomes.push(await kindOf(load(host.publish(`/${id}`))));
      expect(outcomes).toEqual([...Array(20).fill("found"), ...Array(30).fill("busy")]);
      expect(host.requests).toHaveLength(20);
      expect(await kindOf(documents.load(host.publish("/known"), true))).toBe("found");
      clock.advance(minute);
      expect(await kindOf(load(host.publish("/late")))).toBe("found");
    },
  );

  it(verifies(cited, "fetches three at a time, however slow their host is"), async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const slow = (path: string) => {
      const url = `${host.origin}${path}`;
      return host.publish(path, (request, response) => {
        void released.then(() => held(url, "")(request, response));
      });
    };
    const waiting = ["/a", "/b", "/c"].map((path) => kindOf(load(slow(path))));
    expect(await kindOf(load(slow("/d")))).toBe("busy");
    expect(await kindOf(documents.load(host.publish("/known"), true))).toBe("found");
    release();
    expect(await Promise.all(waiting)).toEqual(["found", "found", "found"]);
    expect(await kindOf(load(slow("/d")))).toBe("found");
  });
});
