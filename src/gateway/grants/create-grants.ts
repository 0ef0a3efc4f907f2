import type { Caller } from "../../core/caller.ts";
import type { Log } from "../../core/log.ts";
import { failure, success } from "../../core/result.ts";
import type { RandomBytes } from "../../keys/signing-key.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { GatewayKeys } from "../keys/gateway-keys.ts";
import type { GatewaySettings } from "../settings.ts";
import type { GatewayStore } from "../store/records.ts";
import { createOpaqueToken } from "../tokens/opaque-token.ts";
import { Demands } from "./demands.ts";
import { codeLifetime, type GrantRecord, type PendingGrant } from "./grant-record.ts";
import type { Connection, GrantFailure, Grants, NewGrant } from "./grants.ts";
import { createDataKey, type GrantIdentity, lock } from "./sealing.ts";
import { StoredGrants } from "./stored-grants.ts";
import { ended } from "./transitions.ts";
import { sealUpstream } from "./upstream-tokens.ts";

export interface GrantsOptions {
  readonly store: GatewayStore;
  readonly keys: GatewayKeys;
  readonly settings: Pick<GatewaySettings, "idleMilliseconds" | "absoluteMilliseconds">;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
  readonly randomBytes: RandomBytes;
  readonly log: Log;
  /** Resolves after so many milliseconds: between the attempts of a decision that others write into. */
  readonly pause?: (milliseconds: number) => Promise<void>;
}

/** As {@link Grants}, with what the endpoints that give and check tokens need beside. */
export interface TokenGrants extends Grants {
  readonly stored: StoredGrants;
  readonly demands: Demands;
  /** Remembers which grant lets the caller in, for {@link Grants.challenged}. */
  admit(caller: Caller, grant: GrantIdentity): void;
}

export function createGrants(options: GrantsOptions): TokenGrants {
  const { store, keys, settings, now, monotonicNow, randomBytes, log } = options;
  const { pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)) } =
    options;
  const { idleMilliseconds, absoluteMilliseconds } = settings;
  const stored = new StoredGrants({ store, idleMilliseconds, monotonicNow, pause });
  const demands = new Demands(store, now);
  const admitted = new WeakMap<Caller, GrantIdentity>();

  const grants: TokenGrants = {
    stored,
    demands,

    async begin(grant, signal) {
      const key = await keys.encryptionKey();
      if (!key.ok) return failure({ kind: "keys", reason: key.reason });
      const identity: GrantIdentity = {
        objectId: grant.person.objectId,
        grantId: Buffer.from(randomBytes(16)).toString("hex"),
        clientId: grant.client.id,
      };
      const code = createOpaqueToken("code", identity, key.value, randomBytes);
      const dataKey = createDataKey(randomBytes);
      const by = {
        purpose: "authorization code",
        tokenSecret: code.secret,
        key: key.value,
        grant: identity,
      } as const;
      const record: PendingGrant = {
        ...identity,
        ...aboutOf(grant, now(), now() + absoluteMilliseconds),
        encryptionKeyId: key.value.id,
        version: 1,
        state: "pending",
        upstream: sealUpstream(grant.upstream, dataKey, identity, randomBytes),
        upstreamExpiresAt: grant.person.expiresAt * 1000,
        code: {
          expiresAt: now() + codeLifetime,
          challenge: grant.codeChallenge,
          wrappedKey: lock(dataKey, by, randomBytes),
        },
      };
      const created = await stored.create(record, signal);
      if (!created.ok) return created;
      if (grant.fulfils !== undefined) await settle(identity, grant.fulfils, signal);
      return success(code.text);
    },

    async demandOn(objectId, clientId, signal) {
      const demand = await demands.find(objectId, clientId, signal);
      return demand.ok ? demand : failure({ kind: "store", reason: demand.reason });
    },

    async connectionsOf(objectId, signal) {
      const all = await stored.ofPerson(objectId, signal);
      return all.ok ? success(all.value.filter(isOpen).map(connectionOf)) : all;
    },

    async everyConnectionOf(objectId, signal) {
      const all = await stored.everyOfPerson(objectId, signal);
      return all.ok ? success(all.value.filter(isOpen).map(connectionOf)) : all;
    },

    end(objectId, grantId, why, signal) {
      return stored.decide(
        { objectId, grantId },
        async (grant) => {
          if (!grant || grant.state === "ended") return success({ outcome: false });
          return success({ outcome: true, write: ended(grant, why, now()) });
        },
        signal,
      );
    },

    async endAll(objectId, why, signal) {
      const all = await stored.everyOfPerson(objectId, signal);
      if (!all.ok) return all;
      let count = 0;
      for (const { grantId, state } of all.value) {
        if (state === "ended") continue;
        const end = await grants.end(objectId, grantId, why, signal);
        if (!end.ok) return end;
        if (end.value) count += 1;
      }
      return success(count);
    },

    async challenged(caller, challenge) {
      const grant = admitted.get(caller);
      if (!grant) return;
      const { objectId, grantId, clientId } = grant;
      // In this order: where only the first succeeds, the next call meets the challenge again.
      if (challenge.kind === "claims-challenge") {
        const put = await demands.put(objectId, clientId, challenge.claims);
        if (!put.ok) logStore("gateway.demand-not-stored", put.reason);
      }
      const end = await grants.end(objectId, grantId, "sign-in-demanded");
      if (end.ok) log("info", "gateway.sign-in-demanded", { objectId, reason: challenge.kind });
      else logGrantFailure("gateway.grant-not-ended", end.reason, log);
    },

    admit(caller, grant) {
      admitted.set(caller, grant);
    },
  };

  /** Where it fails the demand is met once more than it needs to be. */
  async function settle(
    { objectId, clientId }: GrantIdentity,
    claims: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const settled = await demands.settle(objectId, clientId, claims, signal);
    if (!settled.ok) logStore("gateway.demand-not-settled", settled.reason);
  }

  function logStore(event: string, reason: StoreFailure): void {
    logGrantFailure(event, { kind: "store", reason }, log);
  }

  function isOpen(grant: GrantRecord): boolean {
    if (grant.state === "pending") return now() < grant.code.expiresAt;
    return grant.state === "active";
  }

  return grants;
}

function aboutOf({ client, redirectUri, scopes }: NewGrant, since: number, endsAt: number) {
  return {
    clientName: client.name,
    clientDomain: client.domain,
    redirectUri,
    scopes: [...scopes],
    since,
    lastUsed: since,
    endsAt,
  };
}

function connectionOf(grant: GrantRecord): Connection {
  const { grantId, clientId, clientName, clientDomain, redirectUri, since, lastUsed, endsAt } =
    grant;
  return { grantId, clientId, clientName, clientDomain, redirectUri, since, lastUsed, endsAt };
}

/** Writes down what kept a grant from being read or written, and nothing that it holds. */
export function logGrantFailure(event: string, { kind, reason }: GrantFailure, log: Log): void {
  const cause = "cause" in reason ? { cause: reason.cause } : {};
  log("error", event, { of: kind, reason: reason.kind, ...cause });
}
