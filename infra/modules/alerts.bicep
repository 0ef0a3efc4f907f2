metadata description = 'Alerts on what the server logs and on what Azure logs of it, and whom they are mailed to.'

@description('Region of the alert rules: the workspace\'s.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('What the names of all rules begin with.')
param namePrefix string

@description('Resource id of the Log Analytics workspace that Application Insights and Cosmos DB write to.')
param logAnalyticsWorkspaceId string

@description('Name of the function app, by which its rows are known in a workspace that others may share.')
param functionAppName string

@description('Whether the server has the gateway, whose MCP endpoint is a function of its own.')
param gateway bool

@description('Resource id of the Cosmos DB account, whose data-plane requests go to the workspace in resource-specific tables.')
param cosmosAccountId string

@description('E-mail address that is told of every alert.')
param email string

var rules = [
  {
    name: 'failed-sign-ins'
    displayName: 'Failed sign-ins surge'
    description: 'Many access tokens were refused: somebody tries forged or foreign ones, or a client or the registration is set up wrongly. The dashboard shows the reasons.'
    severity: 2
    query: loadTextContent('alerts/failed-sign-ins.kql')
    column: 'refused'
    // Refused sign-ins within 15 minutes that are still normal.
    threshold: 50
  }
  {
    name: 'server-errors'
    displayName: 'Server errors'
    description: 'Too large a share of the requests was answered with 500 or above.'
    severity: 1
    query: loadTextContent('alerts/server-errors.kql')
    column: 'failedPercent'
    // Server errors in a hundred requests, over 15 minutes, that are still normal.
    threshold: 5
  }
  {
    name: 'host-errors'
    displayName: 'Host does not start'
    description: 'The Functions host or its worker reports errors outside of any call, so the server may not answer at all. FunctionAppLogs has the reasons.'
    severity: 1
    query: loadTextContent('alerts/host-errors.kql')
    column: 'errors'
    // Errors of the Functions host itself, within 15 minutes, that are still normal.
    threshold: 3
  }
  {
    name: 'latency'
    displayName: 'Slow answers'
    description: 'The 95th percentile of the duration of MCP requests is too high.'
    severity: 2
    query: loadTextContent('alerts/latency.kql')
    column: 'p95Milliseconds'
    // Milliseconds that 95 of 100 MCP requests may take, over 15 minutes.
    threshold: 5000
  }
  {
    name: 'cosmos-throttling'
    displayName: 'Cosmos DB throttles'
    description: 'Cosmos DB answers 429: a partition needs more request units than it can have.'
    severity: 2
    query: loadTextContent('alerts/cosmos-throttling.kql')
    column: 'throttled'
    // Requests that Cosmos DB may throttle within 15 minutes.
    threshold: 10
  }
  {
    name: 'graph-throttling'
    displayName: 'Graph throttles'
    description: 'Microsoft Graph, or Entra on the way to it, answers 429 for longer than a request can wait.'
    severity: 2
    query: loadTextContent('alerts/graph-throttling.kql')
    column: 'throttled'
    // Calls that Graph's throttling may defeat within 15 minutes.
    threshold: 5
  }
]

var mcpFunctions = gateway ? 'Name in ("mcp", "gateway-mcp")' : 'Name == "mcp"'

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${namePrefix}-mail'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'mcp-alerts'
    enabled: true
    emailReceivers: [
      {
        name: 'mail'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${namePrefix}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.displayName
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [logAnalyticsWorkspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      // A table without any row yet does not resolve, and would refuse a first deployment.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: replace(
              replace(replace(rule.query, '{functionAppName}', functionAppName), '{cosmosAccountId}', cosmosAccountId),
              'Name == "mcp"',
              mcpFunctions
            )
            timeAggregation: 'Maximum'
            metricMeasureColumn: rule.column
            operator: 'GreaterThan'
            threshold: rule.threshold
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [actionGroup.id]
      }
    }
  }
]

@description('Resource id of the action group that sends the mail.')
output actionGroupId string = actionGroup.id
