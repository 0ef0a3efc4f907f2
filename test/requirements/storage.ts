import type { Requirements } from "./requirement.ts";

export const storageRequirements = {
  "https://learn.microsoft.com/azure/cosmos-db/index-policy": {
    "storage.container":
      "A container of people's items is partitioned by person, never lets items expire, and indexes exactly what its domain names.",
  },
  "docs/security.md, Threat model": {
    "storage.isolated":
      "An item is found by the person it belongs to alone, whatever ids others use.",
    "cursor.bound-to-caller":
      "A cursor given to one person is refused from any other, in the same tenant or elsewhere.",
    "cursor.expires": "A cursor is refused after 24 hours.",
    "cursor.tampered":
      "A cursor that the server did not sign, or that is no cursor at all, is refused.",
  },
  "https://learn.microsoft.com/azure/cosmos-db/how-to-query-container": {
    "storage.partition-stated":
      "Every read, write and query of one person's items states their partition.",
  },
  "https://learn.microsoft.com/azure/cosmos-db/nosql/database-transactions-optimistic-concurrency":
    {
      "storage.versions":
        "Of several items with one id the first is kept, and an item is deleted only in the version that was read.",
    },
  "src/storage/failure.ts": {
    "storage.unreadable":
      "A stored item that its domain's schema does not know is named as such, never a wrong answer, hides no other, and can be deleted.",
  },
  "https://learn.microsoft.com/rest/api/cosmos-db/http-status-codes-for-cosmosdb": {
    "storage.failures":
      "Throttling, outages, missing roles, a full partition, an item that is too large, a write at the same time and cancelled calls of the database are told apart, and nothing of the database's own words gets out.",
  },
  "docs/architecture.md, Errors": {
    "storage.words":
      "A failure of the store is told to the model in the domain's words, with what to do; the cause stands in the log alone.",
  },
  "https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/pagination": {
    "cursor.pages": "A cursor continues behind the page that it came with.",
  },
  "src/storage/cursor.ts": {
    "cursor.bound-to-filters":
      "A cursor used with other filters is refused, naming the filters that differ.",
  },
} satisfies Requirements;
