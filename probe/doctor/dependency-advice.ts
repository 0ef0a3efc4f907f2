/** What keeps the server from each of its dependencies, by the name that its readiness shows. */
export const dependencyAdvice: Readonly<Record<string, { cause: string; remedy: string }>> = {
  entra: {
    cause: "The server cannot fetch the tenant's signing keys.",
    remedy:
      "Check ENTRA_AUTHORITY_HOST and ENTRA_TENANT_ID, and that the network lets it out to that host.",
  },
  cosmos: {
    cause:
      "Cosmos DB refuses the identity, does not have the container, or is out of the network's reach.",
    remedy:
      "Check COSMOS_ENDPOINT, COSMOS_DATABASE and COSMOS_CONTAINER, the identity's data-plane role (Cosmos DB Built-in Data Contributor; it takes minutes to arrive after a first deployment), AZURE_CLIENT_ID, and the account's firewall or private endpoint.",
  },
  storage: {
    cause:
      "Blob storage refuses the identity, does not have the container key-ring, or is out of the network's reach.",
    remedy:
      "Check STORAGE_BLOB_ENDPOINT, the container key-ring, the identity's role Storage Blob Data Owner (it takes minutes to arrive after a first deployment), AZURE_CLIENT_ID, and the account's firewall or private endpoint.",
  },
};
