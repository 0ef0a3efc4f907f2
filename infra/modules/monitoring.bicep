metadata description = 'Log Analytics, and Application Insights on top of it, for Entra identities alone.'

// Telemetry goes to public endpoints, out of a virtual network too. An Azure Monitor Private Link Scope would
// change that, but it changes name resolution for everything in the network:
// https://learn.microsoft.com/azure/azure-monitor/fundamentals/private-link-security

@description('Name of the Log Analytics workspace.')
param workspaceName string

@description('Name of the Application Insights component.')
param applicationInsightsName string

@description('Azure region.')
param location string

@description('Tags of the resources.')
param tags { *: string }

@description('Days for which logs are kept.')
param retentionDays int

@description('Object id of the managed identity that sends telemetry.')
param publisherPrincipalId string

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: retentionDays
    features: {
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
    }
  }
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' = {
  name: applicationInsightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    DisableLocalAuth: true
  }
}

// Without local authentication this role is what lets the host and the server send telemetry:
// https://learn.microsoft.com/azure/azure-monitor/app/azure-ad-authentication
module publisher 'telemetry-role.bicep' = {
  params: {
    applicationInsightsName: applicationInsights.name
    principalId: publisherPrincipalId
  }
}

@description('Resource id of the Log Analytics workspace.')
output workspaceId string = workspace.id

@description('Resource id of the Application Insights component.')
output applicationInsightsId string = applicationInsights.id

@description('Name of the Application Insights component.')
output applicationInsightsName string = applicationInsights.name
