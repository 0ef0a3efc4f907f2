/**
 * The tables of a Log Analytics workspace that queries ask, with those of their columns that a query
 * names, as Azure Monitor documents them.
 *
 * Source: https://learn.microsoft.com/azure/azure-monitor/reference/tables-index
 */
const common = ["_ResourceId", "TimeGenerated"];
const applicationInsights = [...common, "AppRoleName", "ItemCount", "OperationId"];

export const logTables: Readonly<Record<string, readonly string[]>> = {
  AppExceptions: [...applicationInsights, "Details"],
  AppRequests: [...applicationInsights, "DurationMs", "Name", "ResultCode"],
  AppTraces: [...applicationInsights, "Message"],
  CDBDataPlaneRequests: [
    ...common,
    "CollectionName",
    "DurationMs",
    "OperationName",
    "RequestCharge",
    "StatusCode",
  ],
  FunctionAppLogs: [...common, "Category", "FunctionInvocationId", "Level"],
};
