import { type Exchange, headerOf } from "../shared/exchange.ts";

/** App Service authentication: what it does here, and how to remove it. */
export const easyAuth = {
  cause:
    "App Service authentication (Easy Auth) is on: the platform answers before the server does, and no MCP client understands it.",
  remedy:
    "Switch it off: function app, Authentication, Remove (the authsettingsV2 resource must not be enabled). The server checks tokens itself.",
};

/** Something that answers in a server's place. */
interface Substitute {
  /** Whether an answer, with that body, is its own. */
  readonly answers: (exchange: Exchange, body: string) => boolean;
  readonly what: string;
  readonly cause: string;
  readonly remedy: string;
}

/** Answers of the platform or a gateway in a server's place, with how to recognise each. */
export const substitutes: readonly Substitute[] = [
  {
    answers: (exchange) =>
      /authorization_uri=|realm="[^"]*azurewebsites/i.test(
        headerOf(exchange, "www-authenticate") ?? "",
      ) && !/resource_metadata=/.test(headerOf(exchange, "www-authenticate") ?? ""),
    what: "The platform asks for a sign-in of its own.",
    ...easyAuth,
  },
  {
    answers: (_exchange, body) => /app is stopped|Site Disabled/i.test(body),
    what: "The function app is stopped.",
    cause: "Somebody stopped it, or the subscription is disabled.",
    remedy: "Start it: function app, Overview, Start.",
  },
  {
    answers: (exchange, body) =>
      headerOf(exchange, "x-ms-forbidden-ip") !== undefined || /Ip Forbidden/i.test(body),
    what: "The platform does not let this address in.",
    cause: "The function app's access restrictions, or public network access is off.",
    remedy:
      "Allow the address: function app, Networking, Public network access; or run the doctor within the network.",
  },
  {
    answers: (_exchange, body) => /missing subscription key|invalid subscription key/i.test(body),
    what: "API Management asks for a subscription key.",
    cause: "The API or its product requires a subscription, which no MCP client sends.",
    remedy: "API Management, the API, Settings: clear Subscription required.",
  },
  {
    answers: (_exchange, body) => /Function host is not running/i.test(body),
    what: "The Functions host does not run.",
    cause:
      "The host cannot start: its storage (AzureWebJobsStorage) is out of reach of the identity, host.json is wrong, or an extension bundle cannot be had.",
    remedy:
      "Read the log: function app, Diagnose and solve problems, Function App Down or Reporting Errors. Check the identity's role Storage Blob Data Owner on the storage account.",
  },
];

/** Why a dependency may be out of reach, by its name in the answer of `/health/ready`. */
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
      "Check COSMOS_ENDPOINT and COSMOS_DATABASE, that the database has the domain's containers, the identity's data-plane role (Cosmos DB Built-in Data Contributor; it takes minutes to arrive after a first deployment), AZURE_CLIENT_ID, and the account's firewall or private endpoint.",
  },
  storage: {
    cause:
      "Blob storage refuses the identity, does not have the container key-ring, or is out of the network's reach.",
    remedy:
      "Check STORAGE_BLOB_ENDPOINT, the container key-ring, the identity's role Storage Blob Data Owner (it takes minutes to arrive after a first deployment), AZURE_CLIENT_ID, and the account's firewall or private endpoint.",
  },
};
