import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type HandleKind, longestHandle, ReadHandle, writeHandle } from "../../src/keys/handle.ts";
import { verifies } from "../requirements.ts";

type Name = "owner" | "a" | "b";

const kind: HandleKind<Name> = { purpose: "cursor", bound: { owner: 4, a: 1, b: 2 } };
const key = { id: "key-1", secret: Buffer.alloc(32, 7), activeFrom: 0 };
const expiresAt = Date.parse("2026-11-21T12:10:00Z");

const aPayload = fc.uint8Array({ maxLength: 24 });
/** Any text, with lone surrogates and text that only looks the same, or none. */
const aValue = fc.option(
  fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.constantFrom("", "\ud800", "\ufffd")),
  { nil: undefined },
);
const theValues = fc.record({ owner: aValue, a: aValue, b: aValue });
type Values = { [name in Name]?: string | undefined };

const write = (payload: Uint8Array, values: Values, by = key) =>
  writeHandle(kind, payload, values, expiresAt, by);

function isAccepted(text: string, values: Values, by = key, of: HandleKind<Name> = kind): boolean {
  return ReadHandle.from(text)?.isGood(of, values, by) ?? false;
}

describe("a handle", () => {
  it(verifies("keys.purpose", "brings back any payload and its expiry"), () => {
    fc.assert(
      fc.property(aPayload, theValues, (payload, values) => {
        const handle = ReadHandle.from(write(payload, values));
        expect(handle?.isGood(kind, values, key)).toBe(true);
        expect(handle?.isUnchanged(key)).toBe(true);
        expect(handle?.isOfKind(kind)).toBe(true);
        expect(handle?.names(key.id)).toBe(true);
        expect(handle?.payload(kind)).toEqual(payload);
        expect(handle?.expiresAt).toBe(expiresAt);
        expect(handle?.differing(kind, values)).toEqual([]);
      }),
    );
  });

  it(verifies("keys.altered", "is refused with any one bit changed, as changed"), () => {
    const values = { owner: "o", a: "1" };
    const bytes = Buffer.from(write(Buffer.alloc(24, 5), values), "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const handle = ReadHandle.from(changed.toString("base64url"));
      expect(handle?.isGood(kind, values, key) ?? false, `bit ${bit}`).toBe(false);
      // It is told from a handle that is used for other values.
      expect(handle?.isUnchanged(key) ?? false, `bit ${bit}`).toBe(false);
    }
  });

  it(verifies("keys.altered", "is refused cut off, prolonged, put together or made up"), () => {
    fc.assert(
      fc.property(
        aPayload,
        theValues,
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.nat(),
        (payload, values, more, at) => {
          const text = write(payload, values);
          const bytes = Buffer.from(text, "base64url");
          const other = Buffer.from(write(more.subarray(0, 24), values), "base64url");
          const cut = at % bytes.length;
          const texts = [
            text.slice(0, at % text.length),
            ...[
              bytes.subarray(0, cut),
              bytes.subarray(cut + 1),
              Buffer.concat([bytes, more]),
              Buffer.concat([more, bytes]),
              Buffer.concat([bytes.subarray(0, cut), more, bytes.subarray(cut)]),
              Buffer.concat([bytes.subarray(0, cut), other.subarray(cut)]),
              more,
            ].map((changed) => changed.toString("base64url")),
          ];
          for (const changed of texts) {
            const isOne = changed === text || changed === other.toString("base64url");
            expect(isAccepted(changed, values)).toBe(isOne);
          }
        },
      ),
    );
  });

  it(verifies("keys.purpose", "is good for no other values, purpose, names or key"), () => {
    fc.assert(
      fc.property(aPayload, theValues, theValues, (payload, values, others) => {
        const text = write(payload, values);
        const names = ["owner", "a", "b"] as const;
        const isSame = names.every((name) => values[name] === others[name]);
        expect(isAccepted(text, others)).toBe(isSame);
        const swapped = { owner: values.a, a: values.owner, b: values.b };
        expect(isAccepted(text, swapped)).toBe(values.a === values.owner);
        expect(isAccepted(text, values, { ...key, secret: Buffer.alloc(32, 8) })).toBe(false);
        expect(isAccepted(text, values, key, { ...kind, purpose: "approval" })).toBe(false);
        const renamed = { purpose: "cursor", bound: { owner: 4, a: 1, c: 2 } };
        const { b: c, ...rest } = values;
        expect(ReadHandle.from(text)?.isGood(renamed, { ...rest, c }, key)).toBe(false);
      }),
    );
  });

  it(verifies("keys.purpose", "names only values that differ, and an absent one for sure"), () => {
    fc.assert(
      fc.property(theValues, theValues, (values, others) => {
        const differing = ReadHandle.from(write(Buffer.of(), values))?.differing(kind, others);
        for (const name of ["owner", "a", "b"] as const) {
          const isNamed = differing?.includes(name);
          if (isNamed) expect(values[name]).not.toBe(others[name]);
          if ((values[name] === undefined) !== (others[name] === undefined)) {
            expect(isNamed).toBe(true);
          }
        }
      }),
    );
  });

  it(verifies("keys.canonical", "has one text alone"), () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (const size of [0, 1, 2]) {
      const text = write(Buffer.alloc(size), {});
      const last = alphabet.indexOf(text.at(-1) ?? "");
      const texts = [...alphabet].filter((_, index) => index !== last);
      const others = texts.map((character) => text.slice(0, -1) + character);
      others.push(`${text}=`, `${text}==`, `${text} `, `${text}\n`, ` ${text}`, `${text}A`);
      others.push(`${text.slice(0, 9)}\n${text.slice(9)}`, `${text.slice(0, 9)}.${text.slice(9)}`);
      others.push(text.replace(/[-_]/g, (sign) => (sign === "-" ? "+" : "/")));
      for (const other of others) {
        if (other !== text) expect(isAccepted(other, {}), other.slice(-3)).toBe(false);
      }
      expect(isAccepted(text, {})).toBe(true);
    }
  });

  it(verifies("keys.strength", "holds 128 bits of HMAC with SHA-256"), () => {
    const bytes = Buffer.from(write(Buffer.of(1, 2), { owner: "o" }), "base64url");
    const covered = JSON.stringify([
      "handle",
      bytes.subarray(0, -20).toString("base64url"),
      "cursor",
      [
        ["owner", 4, "o"],
        ["a", 1, null],
        ["b", 2, null],
      ],
    ]);
    const code = createHmac("sha256", key.secret).update(covered).digest();
    expect(bytes.subarray(-20, -4)).toEqual(code.subarray(0, 16));
  });

  it(verifies("keys.short", "is never longer than what may be given out"), () => {
    const longest = Math.floor((longestHandle * 3) / 4) - 30 - 7;
    expect(write(Buffer.alloc(longest), {})).toHaveLength(longestHandle);
    expect(() => write(Buffer.alloc(longest + 1), {})).toThrow(RangeError);
  });
});
