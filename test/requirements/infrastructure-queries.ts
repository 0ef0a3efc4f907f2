import type { Requirements } from "./requirement.ts";

export const infrastructureQueriesRequirements = {
  "https://learn.microsoft.com/azure/azure-monitor/reference/tables-index": {
    "infrastructure.query-columns":
      "Every query of the alerts and the dashboard asks tables and columns that Azure Monitor documents.",
  },
  "docs/audit.md": {
    "infrastructure.query-events":
      "Every event, field, outcome, reason and function that a query asks for is one that the server has.",
  },
  "https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-types#log-alerts": {
    "infrastructure.query-deployed":
      "Every query is deployed by a template that fills its placeholders in, and each alert measures a column of its query.",
  },
  "https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script.Grpc/Server/DefaultHttpProxyService.cs":
    {
      "infrastructure.disconnects":
        "The alert on server errors leaves out every request whose client has gone, which the Functions host calls failed.",
    },
  "docs/security.md, What the Functions host does before this code": {
    "infrastructure.api-management-hang":
      "API Management removes a client's `x-ms-invocation-id` and refuses header values that are not ASCII: both hang the Functions host.",
  },
  "https://learn.microsoft.com/azure/api-management/how-to-server-sent-events": {
    "infrastructure.api-management-policy":
      "API Management lets requests without a token and the server's own answers pass, streams them, and refuses a token that is not valid in the server's words.",
  },
  "docs/security.md, Limits": {
    "infrastructure.api-management-address":
      "Behind API Management the server does not count by an address that whoever goes around it could write, where API Management counts instead.",
  },
  "https://learn.microsoft.com/azure/cosmos-db/monitor-resource-logs": {
    "infrastructure.logs":
      "API Management logs no header, body or address, and Cosmos DB logs neither queries nor partition keys.",
  },
  "RFC 9728 section 3.1": {
    "infrastructure.api-management-paths":
      "API Management has exactly the paths and methods that the function app has.",
  },
} satisfies Requirements;
