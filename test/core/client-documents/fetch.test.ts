import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { fetchDocument } from "../../../src/core/client-documents/fetch.ts";
import { verifies } from "../../requirements.ts";
import {
  type Answer,
  type DocumentHost,
  documentCertificate,
  documentHost,
  goodDocument,
  startDocumentHost,
} from "../../support/document-host.ts";
import { listen } from "../../support/listen.ts";

const cited = "client-documents.fetched";
const json = { "Content-Type": "application/json" };
const path = "/client.json";

let host: DocumentHost;
beforeEach(async () => {
  host = await startDocumentHost();
});
afterEach(() => host.close());

const fetchFrom = (url: string, changes: Partial<DocumentHost["network"]> = {}) =>
  fetchDocument(new URL(url), { ...host.network, ...changes });

/** Answers so with what would be a good document. */
const answering =
  (status: number, headers: Record<string, string>, body?: string | Buffer): Answer =>
  (_request, response) =>
    response.writeHead(status, headers).end(body ?? JSON.stringify(goodDocument(host.origin)));

const documentOf = (size: number) =>
  JSON.stringify({ x: "" }).replace('""', `"${"x".repeat(size - 8)}"`);

describe("a document is fetched", () => {
  it.each([
    ["as JSON", "application/json"],
    ["with a character set", "application/json; charset=utf-8"],
    ["as JSON of a kind of its own", "Application/OAuth-Client+JSON"],
  ])(verifies(cited, "%s"), async (_what, type) => {
    const url = host.publish(path, answering(200, { "Content-Type": type }));
    expect(await fetchFrom(url)).toMatchObject({ ok: true });
  });

  it(verifies(cited, "of 5 KiB, and tells how long it may be held"), async () => {
    const headers = { ...json, "Cache-Control": "max-age=90" };
    const url = host.publish(path, answering(200, headers, documentOf(5 * 1024)));
    expect(await fetchFrom(url)).toMatchObject({ ok: true, value: { cacheControl: "max-age=90" } });
  });

  it(verifies(cited, "by a request that says what it accepts and nothing of anybody"), async () => {
    let headers: Record<string, unknown> = {};
    const url = host.publish(path, (request, response) => {
      headers = request.headers;
      answering(200, json)(request, response);
    });
    await fetchFrom(url);
    expect(headers).toEqual({
      accept: "application/json",
      "accept-encoding": "identity",
      "user-agent": expect.any(String),
      host: new URL(url).host,
      connection: "close",
    });
  });
});

describe("a document is refused", () => {
  const elsewhere = { Location: "https://client.example/other.json" };
  it.each([
    ["a redirect", answering(302, { ...json, ...elsewhere }), "status"],
    ["a redirect that keeps the method", answering(307, { ...json, ...elsewhere }), "status"],
    ["a redirect to this machine", answering(301, { Location: "http://127.0.0.1/" }), "status"],
    ["a page that is not there", answering(404, json), "status"],
    ["a failure", answering(500, json), "status"],
    ["a part of it", answering(206, json), "status"],
    ["another success", answering(203, json), "status"],
    ["a page", answering(200, { "Content-Type": "text/html" }), "content-type"],
    ["plain text", answering(200, { "Content-Type": "text/plain" }), "content-type"],
    ["no type", answering(200, {}), "content-type"],
    [
      "a type that only begins so",
      answering(200, { "Content-Type": "application/jsonp" }),
      "content-type",
    ],
    [
      "compression",
      answering(200, { ...json, "Content-Encoding": "gzip" }, gzipSync("{}")),
      "compressed",
    ],
    ["a byte too much", answering(200, json, documentOf(5 * 1024 + 1)), "too-large"],
    ["nothing", answering(200, json, Buffer.alloc(0)), "not-json"],
    ["half a text", answering(200, json, '{"client_id":'), "not-json"],
    ["a nest without end", answering(200, json, "[".repeat(5_000)), "not-json"],
    ["bytes that are no UTF-8", answering(200, json, Buffer.from([0x22, 0xff, 0x22])), "not-json"],
    ["another character set", answering(200, json, Buffer.from('"a"', "utf16le")), "not-json"],
    [
      "headers without end",
      answering(200, { ...json, "X-Long": "x".repeat(20_000) }),
      "unreachable",
    ],
  ])(verifies(cited, "where the answer is %s"), async (_what, answer, kind) => {
    const url = host.publish(path, answer);
    expect(await fetchFrom(url)).toMatchObject({ ok: false, reason: { kind } });
    expect(host.requests).toEqual([path]);
  });

  it(verifies(cited, "as soon as it is too large, whatever comes after that"), async () => {
    const url = host.publish(path, (_request, response) => {
      response.writeHead(200, json);
      response.write("x".repeat(6 * 1024));
    });
    expect(await fetchFrom(url)).toMatchObject({ reason: { kind: "too-large" } });
  });

  it(verifies(cited, "where the answer switches to another protocol"), async () => {
    const url = host.publish(path, (_request, response) => {
      response.socket?.write("HTTP/1.1 101 Go on\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
    });
    expect(await fetchFrom(url)).toMatchObject({ reason: { kind: "status", got: 101 } });
  });

  it(verifies(cited, "where the connection ends within it"), async () => {
    const url = host.publish(path, (_request, response) => {
      response.writeHead(200, { ...json, "Content-Length": "100" });
      response.write("{", () => response.destroy());
    });
    expect(await fetchFrom(url)).toMatchObject({ reason: { kind: "unreachable" } });
  });

  it(verifies(cited, "where nothing listens, or something that is not https"), async () => {
    const plain = await listen(createServer((_request, response) => response.end("{}")));
    onTestFinished(plain.close);
    const unused = await listen(createServer());
    await unused.close();
    for (const { port } of [plain, unused]) {
      const found = await fetchFrom(`https://${documentHost}:${port}${path}`);
      expect(found).toMatchObject({ reason: { kind: "unreachable", code: expect.any(String) } });
    }
  });

  it(verifies(cited, "where the certificate is of nobody who is trusted"), async () => {
    const url = host.publish(path);
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    onTestFinished(() => void vi.unstubAllEnvs());
    const found = await fetchFrom(url, { certificateAuthorities: undefined });
    expect(found).toMatchObject({ reason: { kind: "unreachable" } });
    expect(host.requests).toEqual([]);
  });

  it(verifies(cited, "where the certificate is for another host"), async () => {
    const { cert, key } = await documentCertificate();
    const other = await listen(createTlsServer({ cert, key }, (_, response) => response.end("{}")));
    onTestFinished(other.close);
    const found = await fetchFrom(`https://other.example:${other.port}${path}`, {
      resolve: async () => ["127.0.0.1"],
    });
    expect(found).toMatchObject({ reason: { code: "ERR_TLS_CERT_ALTNAME_INVALID" } });
  });

  it.each([
    ["headers", () => undefined],
    ["an end", (response: Parameters<Answer>[1]) => response.writeHead(200, json).write("{")],
  ])(verifies(cited, "where its host takes longer than 5 s for %s"), async (_what, begin) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const closed = Promise.withResolvers<void>();
    const url = host.publish(path, (request, response) => {
      begin(response);
      request.socket.once("error", () => undefined).once("close", closed.resolve);
    });
    const found = fetchFrom(url);
    await host.asked;
    vi.advanceTimersByTime(5_000);
    expect(await found).toEqual({ ok: false, reason: { kind: "timeout", milliseconds: 5_000 } });
    await closed.promise;
  });

  it(verifies(cited, "where its name takes longer than 5 s to resolve"), async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const found = fetchFrom(host.publish(path), { resolve: () => new Promise(() => undefined) });
    vi.advanceTimersByTime(5_000);
    expect(await found).toMatchObject({ reason: { kind: "timeout" } });
    expect(host.connections()).toBe(0);
  });
});
