import { createPrivateKey, randomUUID, X509Certificate } from "node:crypto";
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { generate } from "selfsigned";
import { codeOf } from "../src/core/error-code.ts";
import { writeFileAtomically } from "./files.ts";

/** The certificate that the https parts of the laptop stack share, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly certPath: string;
  readonly keyPath: string;
  /** What `NODE_EXTRA_CA_CERTS` of a client needs; the same path for as long as the directory lives. */
  readonly caPath: string;
}

/** In PEM, for `localhost` and both loopback addresses. */
export type Pair = Pick<Certificate, "cert" | "key">;

const hostNames = ["localhost"];
const addresses = ["127.0.0.1", "::1"];

const day = 24 * 60 * 60 * 1000;
const lifetime = 730 * day;
const renewedBefore = 30 * day;
/** Clocks of containers and virtual machines may be behind the one that made the certificate. */
const clockSkew = day;

/**
 * The directory's certificate for `localhost`, `127.0.0.1` and `::1`: the one it holds, or a new one
 * where it holds none, or one that ends within 30 days, lacks a name or does not fit its key.
 *
 * Each certificate lives with its key in a numbered folder that appears in one step and is never
 * changed. Of several processes that start together one makes the certificate and all use it.
 *
 * @param now milliseconds since the epoch
 * @throws {Error} naming the directory, when nothing can be written there
 */
export async function ensureCertificate(
  directory: string,
  now: () => number = Date.now,
): Promise<Certificate> {
  try {
    await mkdir(directory, { recursive: true });
    let generation = await newestGeneration(directory);
    let pair = await readPair(directory, generation);
    if (!pair || !isUsable(pair, now())) {
      generation += 1;
      await publish(directory, generation, await generatePair(now()));
      pair = await readPair(directory, generation);
    }
    if (!pair) throw new Error("the certificate just made is gone");

    const caPath = caPathOf(directory);
    const ca = await readFile(caPath, "utf8").catch(() => undefined);
    if (ca !== pair.cert) await writeFileAtomically(caPath, pair.cert);
    const { certPath, keyPath } = pathsOf(directory, generation);
    return { ...pair, certPath, keyPath, caPath };
  } catch (cause) {
    throw new Error(
      `Certificate: cannot be kept in ${directory} (${codeOf(cause, String(cause))}). Make sure that the folder can be written, or delete it.`,
      { cause },
    );
  }
}

/**
 * The file for `NODE_EXTRA_CA_CERTS` of a process that must trust the directory's certificate and
 * whatever `existing`, the variable's present value, already makes it trust: Node.js reads one file
 * only.
 *
 * @param directory one that {@link ensureCertificate} has been given
 * @throws {Error} naming the existing file, when it cannot be read
 */
export async function combinedCaFile(directory: string, existing?: string): Promise<string> {
  const caPath = caPathOf(directory);
  if (!existing) return caPath;

  const ours = await readFile(caPath, "utf8");
  let theirs: string;
  try {
    theirs = await readFile(existing, "utf8");
  } catch (cause) {
    throw new Error(
      `NODE_EXTRA_CA_CERTS names ${existing}, which cannot be read (${codeOf(cause, String(cause))}). Correct the variable or unset it.`,
      { cause },
    );
  }
  if (theirs.includes(ours.trim())) return resolve(existing);

  const combinedPath = resolve(directory, "ca-combined.pem");
  await writeFileAtomically(combinedPath, `${theirs.trimEnd()}\n${ours}`);
  return combinedPath;
}

function caPathOf(directory: string): string {
  return resolve(directory, "ca.pem");
}

function pathsOf(directory: string, generation: number) {
  const folder = resolve(directory, `certificate-${generation}`);
  return { folder, certPath: join(folder, "cert.pem"), keyPath: join(folder, "key.pem") };
}

/** 0 where there is none. */
async function newestGeneration(directory: string): Promise<number> {
  const generations = (await readdir(directory)).map((name) =>
    Number(/^certificate-(\d+)$/.exec(name)?.[1] ?? 0),
  );
  return Math.max(0, ...generations);
}

async function readPair(directory: string, generation: number): Promise<Pair | undefined> {
  const { certPath, keyPath } = pathsOf(directory, generation);
  try {
    return { cert: await readFile(certPath, "utf8"), key: await readFile(keyPath, "utf8") };
  } catch {
    return undefined;
  }
}

function isUsable({ cert, key }: Pair, now: number): boolean {
  try {
    const certificate = new X509Certificate(cert);
    return (
      certificate.checkPrivateKey(createPrivateKey(key)) &&
      certificate.validFromDate.getTime() <= now &&
      certificate.validToDate.getTime() > now + renewedBefore &&
      hostNames.every((name) => certificate.checkHost(name) !== undefined) &&
      addresses.every((address) => certificate.checkIP(address) !== undefined)
    );
  } catch {
    return false;
  }
}

async function generatePair(now: number): Promise<Pair> {
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(now - clockSkew),
    notAfterDate: new Date(now + lifetime),
    extensions: [
      // Whoever trusts this certificate, perhaps in a browser, trusts it for its own names alone.
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          ...hostNames.map((value) => ({ type: 2 as const, value })),
          ...addresses.map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  });
  return { cert: `${cert.trimEnd()}\n`, key };
}

/** Puts the pair in place, unless another process was first: then its pair stays. */
async function publish(directory: string, generation: number, pair: Pair): Promise<void> {
  const { folder } = pathsOf(directory, generation);
  const temporary = resolve(directory, `certificate-${randomUUID()}.tmp`);
  try {
    await mkdir(temporary, { mode: 0o700 });
    await writeFile(join(temporary, "key.pem"), pair.key, { mode: 0o600, flush: true });
    await writeFile(join(temporary, "cert.pem"), pair.cert, { flush: true });
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    await access(folder).catch(() => {
      throw error;
    });
  }
}
