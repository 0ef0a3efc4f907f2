import { randomBytes, randomInt } from "node:crypto";
import type { Client } from "../clients/clients.ts";
import { ExpiringMap } from "../expiring-map.ts";
import type { RequestedScopes } from "../scopes.ts";
import type { RequestedClaims } from "../tokens/claims-request.ts";
import type { Grant } from "../tokens/tokens.ts";

/** Seconds for which somebody can enter the code. */
export const deviceCodeLifetime = 900;
/** Milliseconds for which a device code is remembered, so that one that has expired can be named. */
const memory = 60 * 60 * 1000;
const capacity = 1000;
/** Milliseconds that a poll may come early: timers and the network are not exact. */
const leeway = 1000;

/** Nothing that is read as something else. */
const userCodeAlphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

type SignedIn = Pick<Grant, "account" | "session">;

export interface DeviceAuthorization {
  readonly client: Client;
  readonly scopes: RequestedScopes;
  readonly claims: RequestedClaims;
  readonly userCode: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  state: "pending" | "declined" | "redeemed" | SignedIn;
}

/** The requests of devices, from the request on until the tokens are fetched. */
export class DeviceCodes {
  /** Seconds between two polls. */
  readonly interval: number;
  readonly #now: () => number;
  readonly #byDeviceCode: ExpiringMap<DeviceAuthorization>;
  readonly #byUserCode: ExpiringMap<DeviceAuthorization>;
  /** Requests whose code somebody has entered, by the id in the form with the accounts. */
  readonly #entered: ExpiringMap<DeviceAuthorization>;
  readonly #lastPoll = new WeakMap<DeviceAuthorization, number>();

  constructor({ interval, now }: { interval: number; now: () => number }) {
    this.interval = interval;
    this.#now = now;
    const lifetime = deviceCodeLifetime * 1000;
    this.#byDeviceCode = new ExpiringMap({ lifetime: memory, capacity, now });
    this.#byUserCode = new ExpiringMap({ lifetime, capacity, now });
    this.#entered = new ExpiringMap({ lifetime, capacity, now });
  }

  create(request: Pick<DeviceAuthorization, "client" | "scopes" | "claims">) {
    const deviceCode = randomBytes(32).toString("base64url");
    const userCode = Array.from(
      { length: 9 },
      () => userCodeAlphabet[randomInt(userCodeAlphabet.length)],
    ).join("");
    const expiresAt = this.#now() + deviceCodeLifetime * 1000;
    const authorization: DeviceAuthorization = {
      ...request,
      userCode,
      expiresAt,
      state: "pending",
    };
    this.#byDeviceCode.set(deviceCode, authorization);
    this.#byUserCode.set(userCode, authorization);
    return { deviceCode, userCode };
  }

  find(deviceCode: string): DeviceAuthorization | undefined {
    return this.#byDeviceCode.get(deviceCode);
  }

  /** Whether the client asks again before the interval is over. */
  isTooEarly(authorization: DeviceAuthorization): boolean {
    const [now, last] = [this.#now(), this.#lastPoll.get(authorization)];
    this.#lastPoll.set(authorization, now);
    return last !== undefined && now - last < this.interval * 1000 - leeway;
  }

  /**
   * Takes a code as somebody types it; each works once.
   *
   * @returns the request, and the id under which `decide` finds it
   */
  enter(typed: string) {
    const userCode = typed.toUpperCase().replaceAll(/[\s-]/g, "");
    const authorization = this.#byUserCode.take(userCode);
    if (!authorization) return undefined;
    const signInId = randomBytes(32).toString("base64url");
    this.#entered.set(signInId, authorization);
    return { authorization, signInId };
  }

  /** The request that somebody decides about, once. */
  takeEntered(signInId: string): DeviceAuthorization | undefined {
    return this.#entered.take(signInId);
  }
}
