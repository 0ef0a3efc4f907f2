import type { Requirements } from "./requirement.ts";

/** People's files in Blob Storage. */
export const filesRequirements = {
  "src/storage/user-blobs.ts": {
    "files.kept": "A file comes back byte for byte with its media type, until it is deleted.",
    "files.isolated":
      "A file is reached below the object id of the person it belongs to alone, and no path leads out of there.",
    "files.container":
      "People's files lie in a container of their own, apart from the keys; the server is ready only where it reaches it.",
  },
  "https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-policy-structure": {
    "infrastructure.user-data":
      "In Azure people's files get a container of their own where the domain keeps any, and lifecycle rules delete what is older than its area's days, and nothing else.",
  },
  "https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes": {
    "files.failures":
      "Throttling, outages, missing roles, missing containers and cancelled calls of Blob Storage are told apart, and nothing of its own words gets out.",
  },
} satisfies Requirements;
