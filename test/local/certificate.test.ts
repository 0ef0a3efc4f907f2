import { execFile } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { generate } from "selfsigned";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { combinedCaFile, ensureCertificate } from "../../local/certificate.ts";
import { listenOnLoopback } from "../../local/loopback.ts";
import { verifies } from "../requirements.ts";

const day = 24 * 60 * 60 * 1000;

/** A certificate of nobody's, for what `NODE_EXTRA_CA_CERTS` may already name. */
const existingCa = "-----BEGIN CERTIFICATE-----\nZXhpc3Rpbmc=\n-----END CERTIFICATE-----";

describe("the laptop stack's certificate", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "certificate-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it(verifies("local.certificate.names", "is for localhost and its addresses, no CA"), async () => {
    const certificate = await ensureCertificate(directory);

    const x509 = new X509Certificate(certificate.cert);
    expect(x509.subjectAltName).toBe(
      "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
    );
    expect(x509.ca).toBe(false);
    expect(x509.checkPrivateKey(createPrivateKey(certificate.key))).toBe(true);
    expect(await readFile(certificate.certPath, "utf8")).toBe(certificate.cert);
    expect(await readFile(certificate.keyPath, "utf8")).toBe(certificate.key);
    expect(await readFile(certificate.caPath, "utf8")).toBe(certificate.cert);
  });

  it(verifies("local.certificate.names", "has a key only its owner can read"), async ({ skip }) => {
    skip(process.platform === "win32", "Windows has no such permissions");
    const { keyPath } = await ensureCertificate(directory);

    expect((await stat(keyPath)).mode & 0o777).toBe(0o600);
  });

  it(verifies("local.certificate.names", "is trusted by NODE_EXTRA_CA_CERTS alone"), async () => {
    const certificate = await ensureCertificate(directory);
    const server = createServer(certificate, (_, response) => response.end("trusted"));
    const { port, close } = await listenOnLoopback(server, { part: "Test", port: 0 });
    const script = `Promise.all(["localhost", "127.0.0.1"].map(async (host) =>
      (await fetch("https://" + host + ":${port}")).text())).then((texts) => console.log(texts.join()))`;
    const run = (NODE_EXTRA_CA_CERTS: string) =>
      promisify(execFile)(process.execPath, ["--eval", script], {
        env: { ...process.env, NODE_EXTRA_CA_CERTS },
      });
    try {
      expect((await run(certificate.caPath)).stdout.trim()).toBe("trusted,trusted");
      await expect(run("")).rejects.toThrow(/SELF_SIGNED_CERT/);
    } finally {
      await close();
    }
  });

  it(verifies("local.certificate.kept", "is the same from one start to the next"), async () => {
    const first = await ensureCertificate(directory);
    const second = await ensureCertificate(directory);

    expect(second).toEqual(first);
  });

  it(verifies("local.certificate.kept", "is replaced in the last 30 days"), async () => {
    const first = await ensureCertificate(directory);
    const end = new X509Certificate(first.cert).validToDate.getTime();
    const early = await ensureCertificate(directory, () => end - 31 * day);
    const late = await ensureCertificate(directory, () => end - 30 * day);

    expect(early.cert).toBe(first.cert);
    expect(late.cert).not.toBe(first.cert);
    expect(late.caPath).toBe(first.caPath);
    expect(await readFile(late.caPath, "utf8")).toBe(late.cert);
  });

  it.each([
    ["does not fit its key", "keyPath", "another"],
    ["is damaged", "certPath", "nonsense"],
    ["has a damaged key", "keyPath", "nonsense"],
  ] as const)(verifies("local.certificate.kept", "replaced: it %s"), async (_, path, content) => {
    const first = await ensureCertificate(directory);
    const another = await ensureCertificate(join(directory, "another"));
    await writeFile(first[path], content === "another" ? another.key : content);
    const second = await ensureCertificate(directory);

    const x509 = new X509Certificate(second.cert);
    expect(second.cert).not.toBe(first.cert);
    expect(x509.checkPrivateKey(createPrivateKey(second.key))).toBe(true);
  });

  it(verifies("local.certificate.kept", "is replaced when it lacks a name"), async () => {
    const first = await ensureCertificate(directory);
    const nameless = await generate([{ name: "commonName", value: "localhost" }], {
      notAfterDate: new Date(Date.now() + 365 * day),
    });
    await writeFile(first.certPath, nameless.cert);
    await writeFile(first.keyPath, nameless.private);
    const second = await ensureCertificate(directory);

    expect(new X509Certificate(second.cert).checkIP("::1")).toBe("::1");
  });

  it.each([
    ["is made", 0],
    ["is replaced", 800],
  ])(verifies("local.certificate.together", "is one for all when it %s"), async (_, daysLater) => {
    const now = () => Date.now() + daysLater * day;
    if (daysLater > 0) await ensureCertificate(directory);
    const certificates = await Promise.all(
      Array.from({ length: 8 }, () => ensureCertificate(directory, now)),
    );

    const [first] = certificates;
    for (const certificate of certificates) expect(certificate).toEqual(first);
    expect(await readFile(first?.caPath ?? "", "utf8")).toBe(first?.cert);
  });

  it("names the directory when it cannot be kept there", async () => {
    const file = join(directory, "file");
    await writeFile(file, "");

    await expect(ensureCertificate(file)).rejects.toThrow(
      `Certificate: cannot be kept in ${file} (EEXIST)`,
    );
  });

  describe("beside another", () => {
    it(verifies("local.certificate.combined", "is in one file with what was there"), async () => {
      const { cert, caPath } = await ensureCertificate(directory);
      const existing = join(directory, "company.pem");
      await writeFile(existing, existingCa);
      const combined = await combinedCaFile(directory, existing);

      expect(combined).not.toBe(caPath);
      expect(await readFile(combined, "utf8")).toBe(`${existingCa}\n${cert}`);
      expect(await combinedCaFile(directory, combined)).toBe(combined);
    });

    it.each([undefined, ""])(
      verifies("local.certificate.combined", "is alone where nothing was there: %j"),
      async (existing) => {
        const { caPath } = await ensureCertificate(directory);

        expect(await combinedCaFile(directory, existing)).toBe(caPath);
        expect(await combinedCaFile(directory, caPath)).toBe(caPath);
      },
    );

    it(verifies("local.certificate.combined", "names a file that cannot be read"), async () => {
      await ensureCertificate(directory);
      const missing = join(directory, "missing.pem");

      await expect(combinedCaFile(directory, missing)).rejects.toThrow(
        `NODE_EXTRA_CA_CERTS names ${missing}, which cannot be read (ENOENT)`,
      );
    });
  });
});
