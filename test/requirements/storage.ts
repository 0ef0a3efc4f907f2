import type { Requirement } from "./requirement.ts";

export const storageRequirements = [
  {
    id: "storage.container",
    what: "A container of people's items is partitioned by person, never lets items expire, and indexes exactly what its domain names.",
    source: "https://learn.microsoft.com/azure/cosmos-db/index-policy",
  },
  {
    id: "storage.isolated",
    what: "An item is found by the person it belongs to alone, whatever ids others use.",
    source: "docs/security.md, Threat model",
  },
  {
    id: "storage.partition-stated",
    what: "Every read, write and query of one person's items states their partition.",
    source: "https://learn.microsoft.com/azure/cosmos-db/how-to-query-container",
  },
  {
    id: "storage.versions",
    what: "Of several items with one id the first is kept, and an item is deleted only in the version that was read.",
    source:
      "https://learn.microsoft.com/azure/cosmos-db/nosql/database-transactions-optimistic-concurrency",
  },
  {
    id: "storage.unreadable",
    what: "A stored item that its domain's schema does not know is named as such, never a wrong answer, hides no other, and can be deleted.",
    source: "src/storage/failure.ts",
  },
  {
    id: "storage.failures",
    what: "Throttling, outages, missing roles and cancelled calls of the database are told apart, and nothing of the database's own words gets out.",
    source: "https://learn.microsoft.com/rest/api/cosmos-db/http-status-codes-for-cosmosdb",
  },
  {
    id: "storage.words",
    what: "A failure of the store is told to the model in the domain's words, with what to do; the cause stands in the log alone.",
    source: "docs/architecture.md, Errors",
  },
  {
    id: "cursor.pages",
    what: "A cursor continues behind the page that it came with.",
    source: "https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/pagination",
  },
  {
    id: "cursor.bound-to-caller",
    what: "A cursor given to one person is refused from any other, in the same tenant or elsewhere.",
    source: "docs/security.md, Threat model",
  },
  {
    id: "cursor.bound-to-filters",
    what: "A cursor used with other filters is refused, naming the filters that differ.",
    source: "src/storage/cursor.ts",
  },
  {
    id: "cursor.expires",
    what: "A cursor is refused after 24 hours.",
    source: "docs/security.md, Threat model",
  },
  {
    id: "cursor.tampered",
    what: "A cursor that the server did not sign, or that is no cursor at all, is refused.",
    source: "docs/security.md, Threat model",
  },
] as const satisfies readonly Requirement[];
