metadata description = 'An Azure Monitor workbook over the audit events and the tables that Azure itself keeps.'

@description('Region of the workbook.')
param location string

@description('Tags of the workbook.')
param tags { *: string }

@description('Name under which the workbook is listed.')
param displayName string

@description('Resource id of the Log Analytics workspace that is asked.')
param logAnalyticsWorkspaceId string

@description('Resource id of the Application Insights component among whose workbooks it is listed.')
param applicationInsightsId string

@description('Name of the function app, by which its rows are known in a workspace that others may share.')
param functionAppName string

@description('Whether the server has the gateway, whose MCP endpoint is a function of its own.')
param gateway bool

@description('Resource id of the Cosmos DB account, whose data-plane requests go to the workspace in resource-specific tables.')
param cosmosAccountId string

var commonPanels = [
  {
    title: 'Requests by status'
    query: loadTextContent('dashboard/requests.kql')
    visualization: 'timechart'
    width: '50'
  }
  {
    title: 'Latency (ms)'
    query: loadTextContent('dashboard/latency.kql')
    visualization: 'timechart'
    width: '50'
  }
  {
    title: 'Tools'
    query: loadTextContent('dashboard/tools.kql')
    visualization: 'table'
    width: '50'
  }
  {
    title: 'Tool calls that did not succeed'
    query: loadTextContent('dashboard/tool-failures.kql')
    visualization: 'table'
    width: '50'
  }
  {
    title: 'People and client applications'
    query: loadTextContent('dashboard/callers.kql')
    visualization: 'timechart'
    width: '50'
  }
  {
    title: 'Busiest callers'
    query: loadTextContent('dashboard/busiest-callers.kql')
    visualization: 'table'
    width: '50'
  }
  {
    title: 'Refusals'
    query: loadTextContent('dashboard/refusals.kql')
    visualization: 'table'
    width: '100'
  }
  {
    title: 'Approvals'
    query: loadTextContent('dashboard/approvals.kql')
    visualization: 'table'
    width: '50'
  }
  {
    title: 'On-behalf-of exchanges'
    query: loadTextContent('dashboard/exchanges.kql')
    visualization: 'table'
    width: '50'
  }
  {
    title: 'Cosmos DB: request units'
    query: loadTextContent('dashboard/cosmos-charge.kql')
    visualization: 'timechart'
    width: '50'
  }
  {
    title: 'Cosmos DB: operations'
    query: loadTextContent('dashboard/cosmos-operations.kql')
    visualization: 'table'
    width: '50'
  }
]

var gatewayPanel = {
  title: 'Gateway'
  query: loadTextContent('dashboard/gateway.kql')
  visualization: 'table'
  width: '100'
}
var panels = concat(commonPanels, gateway ? [gatewayPanel] : [])
var mcpFunctions = gateway ? 'Name in ("mcp", "gateway-mcp")' : 'Name == "mcp"'

// The workbook's own format: https://learn.microsoft.com/azure/azure-monitor/visualize/workbooks-automate
var timeRange = {
  type: 9
  name: 'parameters'
  content: {
    version: 'KqlParameterItem/1.0'
    style: 'pills'
    parameters: [
      {
        // Any GUID that no other parameter of the workbook has.
        id: guid('TimeRange')
        version: 'KqlParameterItem/1.0'
        name: 'TimeRange'
        label: 'Time range'
        type: 4
        isRequired: true
        value: {
          durationMs: 86400000
        }
        typeSettings: {
          selectableValues: [
            { durationMs: 3600000 }
            { durationMs: 14400000 }
            { durationMs: 86400000 }
            { durationMs: 604800000 }
            { durationMs: 1209600000 }
          ]
          allowCustom: true
        }
      }
    ]
  }
}

var queries = [
  for (panel, index) in panels: {
    type: 3
    name: 'query-${index}'
    customWidth: panel.width
    content: {
      version: 'KqlItem/1.0'
      title: panel.title
      query: replace(
        replace(replace(panel.query, '{functionAppName}', functionAppName), '{cosmosAccountId}', cosmosAccountId),
        'Name == "mcp"',
        mcpFunctions
      )
      size: 0
      visualization: panel.visualization
      timeContextFromParameter: 'TimeRange'
      queryType: 0
      resourceType: 'microsoft.operationalinsights/workspaces'
      crossComponentResources: [logAnalyticsWorkspaceId]
    }
  }
]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  // A workbook's name has to be a GUID.
  name: guid(resourceGroup().id, functionAppName, 'dashboard')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: displayName
    category: 'workbook'
    version: 'Notebook/1.0'
    sourceId: applicationInsightsId
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat([timeRange], queries)
      fallbackResourceIds: [logAnalyticsWorkspaceId]
    })
  }
}
