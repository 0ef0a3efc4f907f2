import type { Requirement } from "./requirement.ts";

export const localServicesRequirements = [
  {
    id: "local.certificate.names",
    what: "The laptop stack's certificate is made on the first start, is valid for localhost, 127.0.0.1 and ::1 and for signing nothing else, and its key is readable by its owner alone.",
    source: "local/certificate.ts; RFC 5280 section 4.2.1.9",
  },
  {
    id: "local.certificate.kept",
    what: "The certificate stays the same from one start to the next, and is replaced when it ends within 30 days, lacks a name or does not fit its key.",
    source: "local/certificate.ts",
  },
  {
    id: "local.certificate.together",
    what: "Processes that start at the same moment all use one certificate with its own key.",
    source: "local/certificate.ts",
  },
  {
    id: "local.certificate.combined",
    what: "Where NODE_EXTRA_CA_CERTS is already set, child processes get one file that holds both what it names and the laptop stack's certificate; a file that cannot be read is named.",
    source: "https://nodejs.org/api/cli.html#node_extra_ca_certsfile; local/certificate.ts",
  },
  {
    id: "local.port-in-use",
    what: "A local service whose port is in use fails to start with one message that names the service and the port.",
    source: "local/loopback.ts",
  },
  {
    id: "local.close",
    what: "Closing a local service frees its port, is not held up by open connections, and may be asked for twice.",
    source: "local/loopback.ts",
  },
  {
    id: "local.loopback",
    what: "The local services listen on the loopback addresses alone.",
    source: "docs/security.md, What is not covered",
  },
  {
    id: "local.both-addresses",
    what: "Every local listener answers under 127.0.0.1 and, where the machine has it, ::1.",
    source: "local/loopback.ts",
  },
  {
    id: "local.graph.loopback",
    what: "The local Graph answers no request made under another host name than this machine's own.",
    source: "https://owasp.org/www-community/attacks/DNS_Rebinding",
  },
  {
    id: "local.graph.profile",
    what: "The local Graph serves the profile of the person whose token it gets, whole or as $select asks.",
    source: "https://learn.microsoft.com/graph/api/user-get",
  },
  {
    id: "local.graph.membership",
    what: "The local Graph tells with $filter and $count whether the person is in a group, and refuses the query without ConsistencyLevel: eventual.",
    source:
      "https://learn.microsoft.com/graph/api/user-list-transitivememberof; https://learn.microsoft.com/graph/aad-advanced-queries",
  },
  {
    id: "local.graph.token",
    what: "The local Graph answers 401 InvalidAuthenticationToken to a missing token and to one with a wrong signature, issuer or audience or past its lifetime.",
    source: "https://learn.microsoft.com/graph/errors",
  },
  {
    id: "local.graph.permission",
    what: "The local Graph answers 403 Authorization_RequestDenied to a token without the delegated permission that the resource needs.",
    source: "https://learn.microsoft.com/graph/permissions-reference",
  },
  {
    id: "local.graph.throttling",
    what: "The local Graph throttles its next requests on demand, with Retry-After.",
    source: "https://learn.microsoft.com/graph/throttling",
  },
  {
    id: "local.graph.challenge",
    what: "The local Graph answers an account's next requests with a claims challenge on demand, where the token says that the client can handle one.",
    source: "https://learn.microsoft.com/entra/identity-platform/claims-challenge",
  },
  {
    id: "local.cosmos.items",
    what: "The Cosmos DB emulator serves the application's own client over https: create, read, query, replace with an etag, delete, with the status codes of the service.",
    source: "https://learn.microsoft.com/rest/api/cosmos-db/documents",
  },
  {
    id: "local.cosmos.definitions",
    what: "The Cosmos DB emulator has its databases and containers from the start and, like a data-plane role in Azure, lets nobody create one.",
    source: "https://learn.microsoft.com/azure/cosmos-db/nosql/reference-data-plane-security",
  },
  {
    id: "local.cosmos.credentials",
    what: "The Cosmos DB emulator answers 401 to a request without a token, and to one signed with an account key.",
    source:
      "https://learn.microsoft.com/azure/cosmos-db/nosql/how-to-disable-key-based-authentication",
  },
  {
    id: "local.cosmos.kept",
    what: "Items stored in the Cosmos DB emulator are there again after a restart; a crash loses a moment at most.",
    source: "README.md",
  },
  {
    id: "local.cosmos.damaged",
    what: "Stored items that cannot be read stop the Cosmos DB emulator's start with a message that names the file and says what to do, and stay untouched.",
    source: "docs/commands.md",
  },
  {
    id: "local.storage.blobs",
    what: "The local Blob Storage takes the application's token over https, has its containers from the start, and refuses with 409 to create a blob twice where If-None-Match is *.",
    source: "https://learn.microsoft.com/rest/api/storageservices/put-blob",
  },
  {
    id: "local.storage.kept",
    what: "Blobs in the local Blob Storage are there again after a restart.",
    source: "README.md",
  },
  {
    id: "local.storage.ends",
    what: "The local Blob Storage ends with the process that started it, also when that one is killed, and says so when it ends by itself.",
    source: "local/storage/storage.ts",
  },
] as const satisfies readonly Requirement[];
