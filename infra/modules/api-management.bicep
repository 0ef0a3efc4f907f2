metadata description = 'An API Management service, and its way to Application Insights.'

@description('Region of the service.')
param location string

@description('Tags of the service.')
param tags { *: string }

@description('Name of the service, and the first label of its gateway\'s host name: unique in all of Azure.')
param name string

@description('Whom Azure writes to about the service.')
@minLength(1)
@maxLength(100)
param publisherEmail string

@description('The organisation that the service says it belongs to.')
@minLength(1)
@maxLength(100)
param publisherName string

@description('The tier. Consumption costs nothing at rest, but cannot limit calls per caller and has no long-running connections.')
@allowed(['Consumption', 'BasicV2', 'StandardV2'])
param skuName string

@description('Name of the Application Insights component, in the same resource group.')
param applicationInsightsName string

@description('Resource id of the Log Analytics workspace that the gateway\'s requests are logged to; empty for none.')
param gatewayLogWorkspaceId string

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource service 'Microsoft.ApiManagement/service@2024-05-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: skuName
    capacity: skuName == 'Consumption' ? 0 : 1
  }
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    publisherEmail: publisherEmail
    publisherName: publisherName
  }
}

// A module, since the assignment's name has to tell identities apart: a service that was deleted and made again,
// for another tier for one, has a new one, and an assignment cannot be given to somebody else.
module telemetryRole 'telemetry-role.bicep' = {
  params: {
    applicationInsightsName: applicationInsightsName
    principalId: service.identity.principalId
  }
}

// Credentials that stand in the logger itself are stored anew, under another name, with every deployment:
// https://github.com/Azure/bicep/issues/7368
resource connectionString 'Microsoft.ApiManagement/service/namedValues@2024-05-01' = {
  parent: service
  name: 'application-insights-connection-string'
  properties: {
    displayName: 'application-insights-connection-string'
    secret: true
    value: applicationInsights.properties.ConnectionString
  }
}

resource identityClientId 'Microsoft.ApiManagement/service/namedValues@2024-05-01' = {
  parent: service
  name: 'application-insights-identity'
  properties: {
    displayName: 'application-insights-identity'
    value: 'systemAssigned'
  }
}

resource logger 'Microsoft.ApiManagement/service/loggers@2024-05-01' = {
  parent: service
  name: 'application-insights'
  properties: {
    loggerType: 'applicationInsights'
    resourceId: applicationInsights.id
    credentials: {
      connectionString: '{{${connectionString.properties.displayName}}}'
      identityClientId: '{{${identityClientId.properties.displayName}}}'
    }
  }
  dependsOn: [telemetryRole]
}

// Method, path, status and address of every request, those that were refused too; no header and no body.
resource gatewayLog 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (!empty(gatewayLogWorkspaceId)) {
  name: 'gateway-log'
  scope: service
  properties: {
    workspaceId: gatewayLogWorkspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [
      {
        category: 'GatewayLogs'
        enabled: true
      }
    ]
  }
}

@description('Name of the service.')
output name string = service.name

@description('Where clients reach the gateway, without a trailing slash.')
output gatewayUrl string = service.properties.gatewayUrl

@description('Resource id of the logger that writes to Application Insights.')
output loggerId string = logger.id
