import type { Requirements } from "./requirement.ts";

export const localServicesRequirements = {
  "local/certificate.ts; RFC 5280 section 4.2.1.9": {
    "local.certificate.names":
      "The laptop stack's certificate is made on the first start, is valid for localhost, 127.0.0.1 and ::1 and for signing nothing else, and its key is readable by its owner alone.",
  },
  "local/certificate.ts": {
    "local.certificate.kept":
      "The certificate stays the same from one start to the next, and is replaced when it ends within 30 days, lacks a name or does not fit its key.",
    "local.certificate.together":
      "Processes that start at the same moment all use one certificate with its own key.",
  },
  "https://nodejs.org/api/cli.html#node_extra_ca_certsfile; local/certificate.ts": {
    "local.certificate.combined":
      "Where NODE_EXTRA_CA_CERTS is already set, child processes get one file that holds both what it names and the laptop stack's certificate; a file that cannot be read is named.",
  },
  "local/loopback.ts": {
    "local.port-in-use":
      "A local service whose port is in use fails to start with one message that names the service and the port.",
    "local.close":
      "Closing a local service frees its port, is not held up by open connections, and may be asked for twice.",
    "local.both-addresses":
      "Every local listener answers under 127.0.0.1 and, where the machine has it, ::1.",
  },
  "docs/security.md, What is not covered": {
    "local.loopback": "The local services listen on the loopback addresses alone.",
  },
  "https://owasp.org/www-community/attacks/DNS_Rebinding": {
    "local.graph.loopback":
      "The local Graph answers no request made under another host name than this machine's own.",
  },
  "https://learn.microsoft.com/graph/api/user-get": {
    "local.graph.profile":
      "The local Graph serves the profile of the person whose token it gets, whole or as $select asks.",
  },
  "https://learn.microsoft.com/graph/api/user-list-transitivememberof; https://learn.microsoft.com/graph/aad-advanced-queries":
    {
      "local.graph.membership":
        "The local Graph tells with $filter and $count whether the person is in a group, and refuses the query without ConsistencyLevel: eventual.",
    },
  "https://learn.microsoft.com/graph/errors": {
    "local.graph.token":
      "The local Graph answers 401 InvalidAuthenticationToken to a missing token and to one with a wrong signature, issuer or audience or past its lifetime.",
  },
  "https://learn.microsoft.com/graph/permissions-reference": {
    "local.graph.permission":
      "The local Graph answers 403 Authorization_RequestDenied to a token without the delegated permission that the resource needs.",
  },
  "https://learn.microsoft.com/graph/throttling": {
    "local.graph.throttling":
      "The local Graph throttles its next requests on demand, with Retry-After.",
  },
  "https://learn.microsoft.com/entra/identity-platform/claims-challenge": {
    "local.graph.challenge":
      "The local Graph answers an account's next requests with a claims challenge on demand, where the token says that the client can handle one.",
  },
  "https://learn.microsoft.com/rest/api/cosmos-db/documents": {
    "local.cosmos.items":
      "The Cosmos DB emulator serves the application's own client over https: create, read, query, replace with an etag, delete, with the status codes of the service.",
  },
  "https://learn.microsoft.com/azure/cosmos-db/nosql/query/order-by": {
    "local.cosmos.order":
      "The Cosmos DB emulator refuses, as the service does, to order by a property that is not indexed or by several without a composite index for them.",
  },
  "https://learn.microsoft.com/azure/cosmos-db/nosql/reference-data-plane-security": {
    "local.cosmos.definitions":
      "The Cosmos DB emulator has its databases and containers from the start and, like a data-plane role in Azure, lets nobody create one.",
  },
  "https://learn.microsoft.com/azure/cosmos-db/nosql/how-to-disable-key-based-authentication": {
    "local.cosmos.credentials":
      "The Cosmos DB emulator answers 401 to a request without a token, and to one signed with an account key.",
  },
  "README.md": {
    "local.cosmos.kept":
      "Items stored in the Cosmos DB emulator are there again after a restart; a crash loses a moment at most.",
    "local.storage.kept": "Blobs in the local Blob Storage are there again after a restart.",
  },
  "docs/commands.md": {
    "local.cosmos.damaged":
      "Stored items that cannot be read stop the Cosmos DB emulator's start with a message that names the file and says what to do, and stay untouched.",
  },
  "https://learn.microsoft.com/rest/api/storageservices/put-blob": {
    "local.storage.blobs":
      "The local Blob Storage takes the application's token over https, has its containers from the start, and refuses with 409 to create a blob twice where If-None-Match is *.",
  },
  "local/storage/storage.ts": {
    "local.storage.ends":
      "The local Blob Storage ends with the process that started it, also when that one is killed, and says so when it ends by itself.",
  },
} satisfies Requirements;
