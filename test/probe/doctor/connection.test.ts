import { createServer as createHttpsServer } from "node:https";
import { createServer, type Server } from "node:net";
import { generate } from "selfsigned";
import { afterEach, describe, expect, it } from "vitest";
import { examine, findingsOf } from "../../../probe/doctor/examination.ts";
import { verifies } from "../../requirements.ts";
import { listen } from "../../support/listen.ts";

const day = 24 * 60 * 60 * 1000;
const closing: (() => unknown)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(server: Server): Promise<URL> {
  const { port, close } = await listen(server);
  closing.push(close);
  return new URL(`https://127.0.0.1:${port}/mcp`);
}

/** A server whose certificate is of its own making. */
async function serveWith({ from = -1, days = 90, name = "127.0.0.1" }): Promise<URL> {
  const notBeforeDate = new Date(Date.now() + from * day);
  const pair = await generate([{ name: "commonName", value: name }], {
    keyType: "ec",
    notBeforeDate,
    notAfterDate: new Date(notBeforeDate.getTime() + days * day),
    extensions: [
      {
        name: "subjectAltName",
        altNames: [name === "127.0.0.1" ? { type: 7, ip: name } : { type: 2, value: name }],
      },
    ],
  });
  return serve(
    createHttpsServer({ key: pair.private, cert: pair.cert }, (_, answer) => answer.end()),
  );
}

async function firstFinding(target: URL, timeout = 5_000) {
  const nothing = { token: undefined, origin: undefined, call: false };
  const report = await examine({ ...nothing, target, timeout, now: Date.now });
  const [first, ...others] = findingsOf(report);
  expect(others).toEqual([]);
  return first;
}

describe("the certificate", () => {
  const id = "connection.certificate";
  it.each([
    [
      "has expired",
      { from: -90, days: 30 },
      { id, what: "The certificate has expired.", remedy: expect.stringContaining("Renew it") },
    ],
    ["is not valid yet", { from: 1 }, { id, what: "The certificate is not valid yet." }],
    [
      "is for another name",
      { name: "mcp.contoso.example" },
      {
        id,
        what: "The certificate is for another name.",
        evidence: expect.stringContaining("DNS:mcp.contoso.example"),
        remedy: expect.stringContaining("Custom domains"),
      },
    ],
    [
      "is not trusted",
      {},
      {
        id,
        what: "This machine does not trust the certificate.",
        evidence: expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT"),
        remedy: expect.stringContaining("NODE_EXTRA_CA_CERTS"),
      },
    ],
  ])(verifies(["doctor.tls", "doctor.first"], "%s"), async (_, certificate, found) => {
    expect(await firstFinding(await serveWith(certificate))).toMatchObject(found);
  });
});

describe("the connection", () => {
  it(verifies(["doctor.tls", "doctor.first"], "finds no TLS"), async () => {
    const rude = createServer((socket) => socket.on("error", () => undefined).end("hello"));
    expect(await firstFinding(await serve(rude))).toMatchObject({
      id: "connection.certificate",
      what: "The TLS handshake fails.",
    });
  });

  it(verifies(["doctor.tls", "doctor.first"], "waits no longer than it is told to"), async () => {
    const silent = createServer((socket) => {
      socket.on("error", () => undefined);
      closing.push(() => socket.destroy());
    });
    expect(await firstFinding(await serve(silent), 200)).toMatchObject({
      id: "connection.certificate",
      evidence: "timeout",
    });
  });

  it.each([
    [
      "finds nobody listening",
      "http://127.0.0.1:1/mcp",
      { id: "connection.port", remedy: "Start it (npm start), or take the port that it prints." },
    ],
    [
      "finds no such name",
      // Too long a label for any name server to be asked.
      `https://${"a".repeat(64)}.example/mcp`,
      { id: "connection.name", cause: expect.stringContaining("slip in the URL") },
    ],
    [
      "is plain http to another machine, and not tried",
      "http://mcp.contoso.example/mcp",
      {
        id: "connection.scheme",
        remedy: expect.stringContaining("https://mcp.contoso.example/mcp"),
      },
    ],
  ])(verifies("doctor.first", "%s"), async (_, target, found) => {
    expect(await firstFinding(new URL(target))).toMatchObject(found);
  });
});
