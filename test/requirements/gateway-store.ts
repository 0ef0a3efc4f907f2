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
    "gateway.store.stale-write":
      "Nothing is decided by a version that is no longer the last: a write by it fails.",
  },
  "https://learn.microsoft.com/azure/cosmos-db/time-to-live": {
    "gateway.store.expiry":
      "A record is not seen once it has expired, though the database may delete it later.",
    "gateway.store.container":
      "The gateway's container is partitioned by `/partition`, deletes what has expired, and indexes what queries need alone.",
  },
  "src/gateway/store/records.ts": {
    "gateway.store.kinds": "One id in two kinds or partitions is two records.",
    "gateway.store.listed": "Lists and counts are of one kind and one partition alone.",
    "gateway.store.failures":
      "What the database fails with is told as what it is, and whether a write may have taken place.",
    "gateway.store.unreadable":
      "A record that this version does not know fails what reads it, and can still be deleted.",
  },
} satisfies Requirements;
