import { createServer as createHttpsServer } from "node:https";
import { createServer, type Server } from "node:net";
import { generate } from "selfsigned";
import { afterEach, describe, expect, it } from "vitest";
import { examine, findingsOf } from "../../../probe/doctor/examination.ts";
import { verifies } from "../../requirements.ts";
import { listen } from "../shared/listen.ts";

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
  const report = await examine({
    target,
    token: undefined,
    origin: undefined,
    call: false,
    timeout,
    now: Date.now,
  });
  const [first, ...others] = findingsOf(report);
  expect(others).toEqual([]);
  return first;
}

describe("the certificate", () => {
  it(verifies(["doctor.tls", "doctor.first"], "has expired"), async () => {
    const found = await firstFinding(await serveWith({ from: -90, days: 30 }));
    expect([found?.id, found?.what]).toEqual([
      "connection.certificate",
      "The certificate has expired.",
    ]);
    expect(found?.remedy).toContain("Renew it");
  });

  it(verifies(["doctor.tls", "doctor.first"], "is not valid yet"), async () => {
    const found = await firstFinding(await serveWith({ from: 1 }));
    expect(found?.what).toBe("The certificate is not valid yet.");
  });

  it(verifies(["doctor.tls", "doctor.first"], "is for another name"), async () => {
    const found = await firstFinding(await serveWith({ name: "mcp.contoso.example" }));
    expect(found?.what).toBe("The certificate is for another name.");
    expect(found?.evidence).toContain("DNS:mcp.contoso.example");
    expect(found?.remedy).toContain("Custom domains");
  });

  it(verifies(["doctor.tls", "doctor.first"], "is not trusted"), async () => {
    const found = await firstFinding(await serveWith({}));
    expect(found?.what).toBe("This machine does not trust the certificate.");
    expect(found?.evidence).toContain("DEPTH_ZERO_SELF_SIGNED_CERT");
    expect(found?.remedy).toContain("NODE_EXTRA_CA_CERTS");
  });
});

describe("the connection", () => {
  it(verifies(["doctor.tls", "doctor.first"], "finds no TLS"), async () => {
    const found = await firstFinding(
      await serve(createServer((socket) => socket.on("error", () => undefined).end("hello"))),
    );
    expect([found?.id, found?.what]).toEqual([
      "connection.certificate",
      "The TLS handshake fails.",
    ]);
  });

  it(verifies(["doctor.tls", "doctor.first"], "waits no longer than it is told to"), async () => {
    const silent = createServer((socket) => {
      socket.on("error", () => undefined);
      closing.push(() => socket.destroy());
    });
    const found = await firstFinding(await serve(silent), 200);
    expect([found?.id, found?.evidence]).toEqual(["connection.certificate", "timeout"]);
  });

  it(verifies("doctor.first", "finds nobody listening"), async () => {
    const found = await firstFinding(new URL("http://127.0.0.1:1/mcp"));
    expect([found?.id, found?.remedy]).toEqual([
      "connection.port",
      "Start it (npm start), or take the port that it prints.",
    ]);
  });

  it(verifies("doctor.first", "finds no such name"), async () => {
    // Too long a label for any name server to be asked.
    const found = await firstFinding(new URL(`https://${"a".repeat(64)}.example/mcp`));
    expect(found?.id).toBe("connection.name");
    expect(found?.cause).toContain("slip in the URL");
  });

  it(verifies("doctor.first", "is plain http to another machine, and not tried"), async () => {
    const found = await firstFinding(new URL("http://mcp.contoso.example/mcp"));
    expect(found?.id).toBe("connection.scheme");
    expect(found?.remedy).toContain("https://mcp.contoso.example/mcp");
  });
});
