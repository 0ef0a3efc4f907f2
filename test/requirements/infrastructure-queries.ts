import type { Requirement } from "./requirement.ts";

const tables = "https://learn.microsoft.com/azure/azure-monitor/reference/tables-index";

export const infrastructureQueriesRequirements = [
  {
    id: "infrastructure.query-columns",
    what: "Every query of the alerts and the dashboard asks tables and columns that Azure Monitor documents.",
    source: tables,
  },
  {
    id: "infrastructure.query-events",
    what: "Every event, field, outcome, reason and function that a query asks for is one that the server has.",
    source: "docs/audit.md",
  },
  {
    id: "infrastructure.query-deployed",
    what: "Every query is deployed by a template that fills its placeholders in, and each alert measures a column of its query.",
    source: "https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-types#log-alerts",
  },
  {
    id: "infrastructure.disconnects",
    what: "The alert on server errors leaves out every request whose client has gone, which the Functions host calls failed.",
    source:
      "https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script.Grpc/Server/DefaultHttpProxyService.cs",
  },
  {
    id: "infrastructure.gateway-hang",
    what: "API Management removes a client's `x-ms-invocation-id` and refuses header values that are not ASCII: both hang the Functions host.",
    source: "docs/security.md, What the Functions host does before this code",
  },
  {
    id: "infrastructure.gateway-policy",
    what: "API Management lets requests without a token and the server's own answers pass, streams them, and refuses a token that is not valid in the server's words.",
    source: "https://learn.microsoft.com/azure/api-management/how-to-server-sent-events",
  },
  {
    id: "infrastructure.gateway-address",
    what: "Behind API Management the server does not count by an address that whoever goes around it could write, where the gateway counts instead.",
    source: "docs/security.md, Limits",
  },
  {
    id: "infrastructure.logs",
    what: "API Management logs no header, body or address, and Cosmos DB logs neither queries nor partition keys.",
    source: "https://learn.microsoft.com/azure/cosmos-db/monitor-resource-logs",
  },
  {
    id: "infrastructure.gateway-paths",
    what: "API Management has exactly the paths and methods that the function app has.",
    source: "RFC 9728 section 3.1",
  },
] as const satisfies readonly Requirement[];
