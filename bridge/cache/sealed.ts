import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** How a file's content is kept: encrypted with a key of 32 bytes, or plain by the user's choice. */
export type Protection =
  | { readonly kind: "key"; readonly key: Uint8Array }
  | { readonly kind: "plain" };

/** What a file's bytes turn out to be. */
export type Opened =
  | { readonly kind: "text"; readonly text: string }
  /** The bridge's own, of no use any more: another one may take its place. */
  | { readonly kind: "damaged"; readonly words: string }
  /** Not to be replaced: not the bridge's, or that of a newer one. */
  | { readonly kind: "foreign"; readonly words: string };

const magic = "entra-mcp-bridge";
const version = 1;
const ivLength = 12;
const tagLength = 16;

/** A line that says what follows; it is authenticated with the rest. */
const headerOf = ({ kind }: Protection) =>
  Buffer.from(`${magic} ${version} ${kind === "key" ? "aes-256-gcm" : "plain"}\n`);

/**
 * A file's bytes. AES-256-GCM with an initialization vector of its own for each writing.
 *
 * @param binding what the file is for; with anything else it cannot be opened
 */
export function seal(protection: Protection, binding: readonly string[], text: string): Buffer {
  const header = headerOf(protection);
  if (protection.kind === "plain") {
    return Buffer.concat([header, Buffer.from(`${JSON.stringify(binding)}\n${text}`)]);
  }
  const iv = randomBytes(ivLength);
  const cipher = createCipheriv("aes-256-gcm", protection.key, iv);
  cipher.setAAD(Buffer.concat([header, Buffer.from(JSON.stringify(binding))]));
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([header, iv, cipher.getAuthTag(), sealed]);
}

/** Reads what {@link seal} has made; nothing about `bytes` is believed before it is checked. */
export function unseal(protection: Protection, binding: readonly string[], bytes: Buffer): Opened {
  const [, written] =
    /^entra-mcp-bridge (\d{1,9}) [\w-]{1,32}\n/.exec(bytes.toString("latin1", 0, 64)) ?? [];
  if (written === undefined) return { kind: "foreign", words: "is not the bridge's" };
  if (Number(written) > version) return { kind: "foreign", words: "is of a newer bridge" };
  const header = headerOf(protection);
  if (!bytes.subarray(0, header.length).equals(header)) {
    return { kind: "damaged", words: "was kept in another way" };
  }
  const body = bytes.subarray(header.length);
  if (protection.kind === "plain") {
    const start = Buffer.from(`${JSON.stringify(binding)}\n`);
    return body.subarray(0, start.length).equals(start)
      ? { kind: "text", text: body.toString("utf8", start.length) }
      : { kind: "damaged", words: "is for something else, or damaged" };
  }
  try {
    const iv = body.subarray(0, ivLength);
    const decipher = createDecipheriv("aes-256-gcm", protection.key, iv, {
      authTagLength: tagLength,
    });
    decipher.setAAD(Buffer.concat([header, Buffer.from(JSON.stringify(binding))]));
    decipher.setAuthTag(body.subarray(ivLength, ivLength + tagLength));
    const text = decipher.update(body.subarray(ivLength + tagLength));
    return { kind: "text", text: Buffer.concat([text, decipher.final()]).toString("utf8") };
  } catch {
    return { kind: "damaged", words: "is damaged, or encrypted with another key" };
  }
}
