import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createOpaqueToken,
  hashOf,
  isGenuine,
  type OpaqueKind,
  readOpaqueToken,
} from "../../../src/gateway/tokens/opaque-token.ts";
import { verifies } from "../../requirements.ts";

const grant = {
  objectId: "aaaaaaaa-0000-4000-8000-000000000001",
  grantId: "0123456789abcdef0123456789abcdef",
};
const key = { id: "key-1", secret: randomBytes(32) };
const kinds: readonly OpaqueKind[] = ["code", "refresh"];

function isAccepted(kind: OpaqueKind, text: string, by = key): boolean {
  const token = readOpaqueToken(kind, text);
  return token !== undefined && isGenuine(token, by);
}

/** Bytes, as text. */
const bytesAs = (length: fc.IntArrayConstraints, encoding: BufferEncoding) =>
  fc.uint8Array(length).map((made) => Buffer.from(made).toString(encoding));

describe.each(kinds)("an opaque token: %s", (kind) => {
  const made = createOpaqueToken(kind, grant, key, randomBytes);

  it(verifies("gateway.opaque", "names its grant to this server, and brings its secret"), () => {
    const read = readOpaqueToken(kind, made.text);
    expect(read).toEqual({ ...made, secret: new Uint8Array(made.secret) });
    expect(made).toMatchObject(grant);
    expect(made.secret).toHaveLength(32);
    expect(isAccepted(kind, made.text)).toBe(true);
  });

  it(
    verifies("gateway.opaque", "is none of the other kind, with the other's prefix either"),
    () => {
      const [other = kind] = kinds.filter((one) => one !== kind);
      expect(readOpaqueToken(other, made.text)).toBeUndefined();
      const prefix = createOpaqueToken(other, grant, key, randomBytes).text.slice(0, 4);
      expect(isAccepted(other, prefix + made.text.slice(4))).toBe(false);
    },
  );

  it(verifies("gateway.opaque", "is a new one each time, and so is its hash"), () => {
    const tokens = Array.from({ length: 50 }, () =>
      createOpaqueToken(kind, grant, key, randomBytes),
    );
    expect(new Set(tokens.map(({ text }) => text)).size).toBe(50);
    expect(new Set(tokens.map(hashOf)).size).toBe(50);
    expect(hashOf(made)).toMatch(/^[\w-]{43}$/);
  });

  it(verifies("gateway.genuine", "is not accepted with any one bit changed"), () => {
    const bytes = Buffer.from(made.text.slice(4), "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const text = made.text.slice(0, 4) + changed.toString("base64url");
      expect(isAccepted(kind, text), `bit ${bit}`).toBe(false);
    }
  });

  it(verifies("gateway.genuine", "is not accepted from a server with another key"), () => {
    expect(isAccepted(kind, made.text, { id: "key-1", secret: randomBytes(32) })).toBe(false);
  });

  it(verifies("gateway.opaque", "is accepted as the very text that was given out"), () => {
    const last = made.text.at(-1) ?? "";
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const neighbour = alphabet[alphabet.indexOf(last) ^ 1] ?? "";
    const texts = [
      `${made.text}=`,
      `${made.text} `,
      ` ${made.text}`,
      made.text.replace("_", "/"),
      made.text.toUpperCase(),
      made.text.slice(0, -1) + neighbour,
      made.text.slice(0, -1),
      `${made.text}A`,
    ];
    for (const text of texts) expect(isAccepted(kind, text), text).toBe(false);
  });

  it(verifies("gateway.genuine", "is nothing that anybody makes up"), () => {
    fc.assert(
      fc.property(
        fc.oneof(
          bytesAs({ maxLength: 200 }, "latin1"),
          bytesAs({ maxLength: 200 }, "utf8"),
          bytesAs({ minLength: 80, maxLength: 80 }, "base64url").map(
            (text) => made.text.slice(0, 4) + text,
          ),
        ),
        (text) => {
          expect(isAccepted(kind, text)).toBe(false);
        },
      ),
    );
  });
});
