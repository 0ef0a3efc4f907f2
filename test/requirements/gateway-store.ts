import type { Requirements } from "./requirement.ts";

export const gatewayStoreRequirements = {
  "https://learn.microsoft.com/azure/cosmos-db/nosql/database-transactions-optimistic-concurrency":
    {
      "gateway.store.one-wins":
        "Of several instances that create, replace or delete one record at once, exactly one succeeds.",
    },
  "https://learn.microsoft.com/azure/cosmos-db/consistency-levels": {
    "gateway.store.late-read":
      "A record that another instance has just written is found, though the first reads may see nothing.",
    "gateway.store.current":
      "A list for whoever has to miss nothing has all that other instances had written before.",
    "gateway.store.stale-write":
      "Nothing is decided by a version that is no longer the last: a write by it fails.",
  },
  "https://learn.microsoft.com/azure/cosmos-db/time-to-live": {
    "gateway.store.expiry":
      "A record is not seen once it has expired, though the database may delete it later.",
    "gateway.store.container":
      "The gateway's container is partitioned by `/partition`, deletes what has expired, and indexes what queries need alone.",
  },
  "docs/gateway.md, How it works": {
    "gateway.instances":
      "With every step at another instance, over a store that lags, a code is redeemed once, a refresh token has one successor, and a grant that has ended brings no tokens, and lets in for ten seconds at most.",
    "gateway.instances.start-again":
      "Whatever people, clients and others have done, the person can sign in again, and nothing fails with 500.",
  },
  "docs/gateway.md, Running it": {
    "gateway.instances.killed":
      "An instance that is killed at any step leaves nobody halfway: the person can sign in again, and what was to be ended has, or can be.",
    "gateway.instances.killed-refreshing":
      "An instance that is killed at any step of a refresh signs nobody out who asks again within a minute.",
    "gateway.instances.processes":
      "Two processes of the server over one store serve clients as one would, whichever a request reaches.",
    "gateway.instances.killed-processes":
      "A process that is killed during a request signs nobody out, brings no grant back, and leaves the person free to sign in.",
    "gateway.instances.keys":
      "Instances that make keys at once make them once; each takes the other's tokens, and a key is shown an hour before it signs.",
    "gateway.outages.database":
      "While the database is out of reach or throttled, every endpoint that needs it answers 503 with a time to wait, pages in words; /mcp goes on, and nothing is lost.",
    "gateway.outages.keys":
      "While the storage of keys is out of reach, instances that have them go on, and others answer 503; nothing is lost.",
    "gateway.outages.entra":
      "While Entra's token endpoint is down, refreshes answer 503 and clients are told to come again; nothing is lost.",
    "gateway.outages.readiness":
      "Readiness tells that the gateway's container or keys cannot be had.",
  },
  "src/gateway/store/records.ts": {
    "gateway.store.kinds": "One id in two kinds or partitions is two records.",
    "gateway.store.listed": "Lists and counts are of one kind and one partition alone.",
    "gateway.store.failures":
      "What the database fails with is told as what it is, and whether a write may have taken place.",
    "gateway.store.unreadable":
      "A record that this version does not know fails what reads it, and can still be deleted.",
  },
  "local/cosmos/emulator.ts": {
    "gateway.store.laptop":
      "The laptop's Cosmos DB has the gateway's container, and keeps its records from one start to the next.",
  },
  "test/gateway/memory-container.ts": {
    "gateway.store.adapter":
      "Tests run over a container of which one instance may see old versions, and whose calls can be cut off.",
  },
  "RFC 7517 section 5": {
    "gateway.keys.document":
      "Keys for signing and for encryption lie in one JSON Web Key Set, each with the date from which it is used.",
    "gateway.keys.public": "The keys that are published hold nothing private.",
  },
  "https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations":
    {
      "gateway.keys.created-once":
        "However many instances start together, or find that new keys are due, one makes the gateway's keys.",
    },
  "src/gateway/keys/gateway-keys.ts": {
    "gateway.keys.shared":
      "What one instance signs or encrypts, every other can verify or decrypt.",
    "gateway.keys.rotated":
      "Every 30 days new keys sign and encrypt; they are known for an hour before.",
    "gateway.keys.old-kept":
      "A signing key is kept until its tokens have expired, an encryption key as long as any grant may name it.",
    "gateway.keys.outage":
      "While the storage is out of reach, keys already held go on being used, and a rotation is put off.",
    "gateway.keys.unavailable":
      "Without any key, and while new ones cannot be stored, everything that needs one fails as unavailable.",
    "gateway.keys.unknown-reread":
      "An id that is not known makes the keys be read again, at most every 30 seconds.",
    "gateway.keys.damaged":
      "A stored document that is not the gateway's keys, whole, is reported and never overwritten.",
    "gateway.keys.revocable":
      "Deleting the stored keys ends all that was signed and encrypted with them.",
    "gateway.keys.rollback":
      "The gateway's keys have a document of their own, so that an earlier version goes on reading the key ring.",
  },
} satisfies Requirements;
