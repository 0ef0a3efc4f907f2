import { failure, type Result, success } from "../core/result.ts";
import { EarlierToken } from "./earlier-token.ts";
import { type BoundValues, type HandleKind, ReadHandle, writeHandle } from "./handle.ts";
import { activeKeyAt, longestLifetime } from "./rotation.ts";
import { type RandomBytes, type SigningKey, signingKeyDocument } from "./signing-key.ts";
import { type KeyRingFailure, StoredKeys, type StoredKeysOptions } from "./stored-keys.ts";

export type { BoundValues, HandleKind } from "./handle.ts";

/**
 * Makes the handles that the server gives to a client and must recognise when they come back: cursors,
 * approvals. A handle is a short text. It is protected from change, and says little to its holder.
 *
 * @example
 * const kind = { purpose: "invitation", bound: { inviter: 4 } };
 * const handle = await keyRing.seal(kind, payload, { inviter: "a" }, now + 60_000);
 * await keyRing.open(kind, handle.value, { inviter: "a" }); // payload
 * await keyRing.open(kind, handle.value, { inviter: "b" }); // { kind: "differs", names: ["inviter"] }
 */
export interface KeyRing {
  /**
   * A handle for `payload`, good for this purpose and these values alone.
   *
   * @param expiresAt milliseconds since the epoch; what is below a second is cut off
   * @throws {RangeError} where it would be valid for longer than `longestLifetime`, or not at all, or
   *   longer than `longestHandle`
   */
  seal<Name extends string>(
    kind: HandleKind<Name>,
    payload: Uint8Array,
    values: BoundValues<Name>,
    expiresAt: number,
  ): Promise<Result<string, KeyRingFailure>>;

  /** The payload of a handle that this server made for this purpose and these values. */
  open<Name extends string>(
    kind: HandleKind<Name>,
    handle: string,
    values: BoundValues<Name>,
  ): Promise<Result<Uint8Array, HandleProblem<Name>>>;

  /**
   * Why a handle is none of this kind, whatever it may be bound to. Where nothing is wrong it may be
   * worth opening, and no more.
   */
  problemWith(kind: HandleKind<string>, handle: string): Promise<HandleProblem<never> | undefined>;
}

/** Why a handle is not accepted. */
export type HandleProblem<Name extends string> =
  | KeyRingFailure
  | { readonly kind: "malformed" }
  /** What the version before this one gave out: a signed JSON Web Token. */
  | { readonly kind: "of-earlier-version" }
  /** Made with a key that never was, or is no longer, in the ring. */
  | { readonly kind: "unknown-key" }
  | { readonly kind: "changed" }
  | { readonly kind: "wrong-purpose" }
  | { readonly kind: "expired" }
  /** Made for other values. Of those that differ, names may be missing, and perhaps all. */
  | { readonly kind: "differs"; readonly names: readonly Name[] };

/** What a problem means to whoever hands the handle back, where it is not that values differ. */
export function meaningOf({
  kind,
}: {
  readonly kind: Exclude<HandleProblem<never>["kind"], "differs">;
}): "unavailable" | "malformed" | "altered" | "expired" {
  switch (kind) {
    case "unavailable":
    case "damaged":
      return "unavailable";
    case "malformed":
    case "wrong-purpose":
      return "malformed";
    case "unknown-key":
    case "changed":
      return "altered";
    case "expired":
    case "of-earlier-version":
      return "expired";
  }
}

/** A key ring that all instances of the server share through `options.storage`. */
export function createKeyRing(
  options: StoredKeysOptions & { readonly randomBytes: RandomBytes },
): KeyRing {
  const keys = new StoredKeys(signingKeyDocument(options.randomBytes), options);

  async function problemOfOther(text: string): Promise<HandleProblem<never>> {
    const token = EarlierToken.from(text);
    if (!token) return { kind: "malformed" };
    const known = await keys.all();
    if (!known.ok) return known.reason;
    const isOwn = known.value.some((key) => token.isSignedWith(key));
    return { kind: isOwn ? "of-earlier-version" : "malformed" };
  }

  /** A handle of the kind that has not expired, with the keys that may have made it. */
  async function read(
    kind: HandleKind<string>,
    text: string,
  ): Promise<
    Result<{ handle: ReadHandle; candidates: readonly SigningKey[] }, HandleProblem<never>>
  > {
    const handle = ReadHandle.from(text);
    if (!handle) return failure(await problemOfOther(text));
    const named = await keys.find((ring) => ring.filter(({ id }) => handle.names(id)));
    if (!named.ok) return named;
    if (named.value.length === 0) return failure({ kind: "unknown-key" });
    const candidates = named.value.filter((key) => handle.isUnchanged(key));
    if (candidates.length === 0) return failure({ kind: "changed" });
    if (!handle.isOfKind(kind)) return failure({ kind: "wrong-purpose" });
    if (handle.expiresAt <= options.now()) return failure({ kind: "expired" });
    return success({ handle, candidates });
  }

  return {
    async seal(kind, payload, values, expiresAt) {
      const now = options.now();
      if (expiresAt <= now || expiresAt > now + longestLifetime) {
        throw new RangeError("A handle expires later than now, and within two days.");
      }
      const known = await keys.all();
      if (!known.ok) return known;
      return success(writeHandle(kind, payload, values, expiresAt, activeKeyAt(known.value, now)));
    },

    async open(kind, text, values) {
      const known = await read(kind, text);
      if (!known.ok) return known;
      const { handle, candidates } = known.value;
      const isGood = candidates.some((key) => handle.isGood(kind, values, key));
      return isGood
        ? success(handle.payload(kind))
        : failure({ kind: "differs", names: handle.differing(kind, values) });
    },

    async problemWith(kind, text) {
      const known = await read(kind, text);
      return known.ok ? undefined : known.reason;
    },
  };
}
