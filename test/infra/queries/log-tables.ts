/**
 * The tables of a Log Analytics workspace that queries may ask, with their columns as Azure Monitor
 * documents them; those that no query needs are left out.
 *
 * Source: https://learn.microsoft.com/azure/azure-monitor/reference/tables-index
 */
const common = ["_ResourceId", "TenantId", "TimeGenerated", "Type"];

const applicationInsights = [
  ...common,
  "AppRoleInstance",
  "AppRoleName",
  "AppVersion",
  "ItemCount",
  "Measurements",
  "OperationId",
  "OperationName",
  "ParentId",
  "Properties",
  "SDKVersion",
];

export const logTables: Readonly<Record<string, readonly string[]>> = {
  AppExceptions: [
    ...applicationInsights,
    "Details",
    "ExceptionType",
    "InnermostMessage",
    "OuterMessage",
    "ProblemId",
    "SeverityLevel",
  ],
  AppRequests: [...applicationInsights, "DurationMs", "Id", "Name", "ResultCode", "Success", "Url"],
  AppTraces: [...applicationInsights, "Message", "SeverityLevel"],
  CDBDataPlaneRequests: [
    ...common,
    "AadPrincipalId",
    "AccountName",
    "ActivityId",
    "ClientIpAddress",
    "CollectionName",
    "ConnectionMode",
    "DatabaseName",
    "DurationMs",
    "OperationName",
    "PartitionId",
    "RegionName",
    "RequestCharge",
    "RequestLength",
    "RequestResourceId",
    "RequestResourceType",
    "ResponseLength",
    "StatusCode",
    "UserAgent",
  ],
  FunctionAppLogs: [
    ...common,
    "ActivityId",
    "AppName",
    "Category",
    "EventId",
    "EventName",
    "ExceptionDetails",
    "ExceptionMessage",
    "ExceptionType",
    "FunctionInvocationId",
    "FunctionName",
    "HostInstanceId",
    "HostVersion",
    "Level",
    "LevelId",
    "Message",
    "ProcessId",
    "RoleInstance",
  ],
};
