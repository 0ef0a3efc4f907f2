import type { Caller } from "../../core/caller.ts";
import type { SignInChallenge } from "../../core/endpoint.ts";
import type { Log } from "../../core/log.ts";
import { failure, type Result, success } from "../../core/result.ts";
import type { RandomBytes } from "../../keys/signing-key.ts";
import type { StoreFailure } from "../../storage/failure.ts";
import type { GatewayClient } from "../clients/clients.ts";
import type { GatewayKeys } from "../keys/gateway-keys.ts";
import type { GatewaySettings } from "../settings.ts";
import type { GatewayStore } from "../store/records.ts";
import { createOpaqueToken } from "../tokens/opaque-token.ts";
import type { UpstreamTokens } from "../upstream/upstream-answer.ts";
import { Demands } from "./demands.ts";
import { type GrantFailure, logGrantFailure } from "./grant-failure.ts";
import {
  codeLifetime,
  type GrantEnd,
  type GrantRecord,
  type PendingGrant,
} from "./grant-record.ts";
import { createDataKey, type GrantIdentity, lock } from "./sealing.ts";
import { StoredGrants } from "./stored-grants.ts";
import { ended } from "./transitions.ts";
import { sealUpstream } from "./upstream-tokens.ts";

/** What a person has let a client do, once Entra has signed them in. */
export interface NewGrant {
  /** The person, as Entra's access token says it, verified. */
  readonly person: Caller;
  readonly upstream: UpstreamTokens;
  readonly client: GatewayClient;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** S256 of the client (RFC 7636 section 4.2). */
  readonly codeChallenge: string;
  /** The claims that this sign-in asked Entra for, as {@link Grants.demandOn} gave them. */
  readonly fulfils?: string | undefined;
}

/** A grant as its person sees it. */
export interface Connection {
  readonly grantId: string;
  readonly clientId: string;
  readonly clientName: string;
  readonly clientDomain: string | undefined;
  readonly redirectUri: string;
  /** Milliseconds since the epoch, all of them. */
  readonly since: number;
  readonly lastUsed: number;
  readonly endsAt: number;
}

/**
 * Grants of people to clients. One record holds a grant with its code and refresh tokens, so that each
 * decision on them is one conditional write.
 */
export interface Grants {
  /** Makes the grant and its authorization code, which lives 60 s. */
  begin(grant: NewGrant, signal?: AbortSignal): Promise<Result<string, GrantFailure>>;

  /**
   * The JSON that the person's next sign-in with this client has to fulfil, after a claims challenge;
   * nothing where none is due. A grant that begins with a sign-in which fulfils it settles it.
   */
  demandOn(
    objectId: string,
    clientId: string,
    signal?: AbortSignal,
  ): Promise<Result<string | undefined, GrantFailure>>;

  /** Those of the person that have not ended. One that another instance has just made may be missing. */
  connectionsOf(
    objectId: string,
    signal?: AbortSignal,
  ): Promise<Result<readonly Connection[], GrantFailure>>;

  /** As {@link Grants.connectionsOf}, with none missing that there was before: for whoever ends them all. */
  everyConnectionOf(
    objectId: string,
    signal?: AbortSignal,
  ): Promise<Result<readonly Connection[], GrantFailure>>;

  /** Ends the grant with its code and tokens, and tells whether there was one. */
  end(
    objectId: string,
    grantId: string,
    why: GrantEnd,
    signal?: AbortSignal,
  ): Promise<Result<boolean, GrantFailure>>;

  /**
   * A call by this caller met a challenge: the grant that let them in gives no further tokens, and the
   * next sign-in asks Entra for what is demanded. Never fails.
   */
  challenged(caller: Caller, challenge: SignInChallenge): Promise<void>;

  /** Remembers which grant lets the caller in, for {@link Grants.challenged}. */
  admit(caller: Caller, grant: GrantIdentity): void;

  /** The records, for the endpoints that give, check and end tokens. */
  readonly stored: StoredGrants;
  readonly demands: Demands;
}

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

export function createGrants(options: GrantsOptions): Grants {
  const { store, keys, settings, now, monotonicNow, randomBytes, log } = options;
  const { pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)) } =
    options;
  const { idleMilliseconds, absoluteMilliseconds } = settings;
  const stored = new StoredGrants({ store, idleMilliseconds, monotonicNow, pause });
  const demands = new Demands(store, now);
  const admitted = new WeakMap<Caller, GrantIdentity>();

  const grants: Grants = {
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
