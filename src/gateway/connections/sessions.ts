import { z } from "zod";
import { sha256 } from "../../core/encoding.ts";
import { type Result, success } from "../../core/result.ts";
import type { RandomBytes } from "../../keys/signing-key.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import { endCookieText, newSecret, readCookie, setCookieText } from "../http/cookies.ts";
import type { GatewayStore, RecordKind, RecordVersion } from "../store/records.ts";

/** A session lasts so long, in milliseconds, however much it is used. */
export const sessionMilliseconds = 10 * 60_000;

const cookieName = "gateway-connections";

/**
 * Ends the cookie. It is `SameSite=Lax`: a browser would not show a strict one to the page that it is
 * redirected to on its way back from Entra, which would ask it to sign in again. What a session may do is
 * asked for by forms, with which no other site can have a lax cookie sent.
 */
export const endSessionCookie = endCookieText(cookieName);

const sessionRecord = {
  name: "session",
  schema: z.object({ objectId: z.string() }),
} satisfies RecordKind<unknown>;

/** Somebody who has just signed in to see their connections, in one browser. */
export interface Session extends RecordVersion {
  /** SHA-256 of what the cookie holds, in base64url. */
  readonly id: string;
  readonly objectId: string;
}

export interface SessionsOptions {
  readonly store: GatewayStore;
  readonly randomBytes: RandomBytes;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Sessions, each under the hash of a secret that the browser alone holds. */
export interface Sessions {
  /** Begins one, and tells the cookie that holds it. */
  begin(objectId: string, signal?: AbortSignal): Promise<Result<string, StoreFailure>>;
  find(
    cookies: ReadonlyMap<string, string>,
    signal?: AbortSignal,
  ): Promise<Result<Session | undefined, StoreFailure>>;
  /** Ends it on every instance. */
  end(session: Session, signal?: AbortSignal): Promise<Result<boolean, StoreFailure>>;
}

export function createSessions({ store, randomBytes, now }: SessionsOptions): Sessions {
  const records = store.records<{ objectId: string }>(sessionRecord);

  return {
    async begin(objectId, signal) {
      const secret = newSecret(randomBytes);
      const expiresAt = now() + sessionMilliseconds;
      const created = await records.create(keyOf(secret), { objectId }, expiresAt, signal);
      if (!created.ok) return created;
      const seconds = sessionMilliseconds / 1000;
      return success(setCookieText({ name: cookieName, value: secret, seconds }));
    },

    async find(cookies, signal) {
      const secret = readCookie(cookies, cookieName);
      if (secret === undefined) return success(undefined);
      const found = await records.read(keyOf(secret), signal);
      if (!found.ok || !found.value) return found.ok ? success(undefined) : found;
      const { item, ...version } = found.value;
      return success({ ...version, objectId: item.objectId });
    },

    end: (session, signal) => records.delete(session, signal),
  };
}

function keyOf(secret: string) {
  const id = sha256(secret);
  return { partition: id, id };
}
