metadata description = 'The server: a function app on the Flex Consumption plan, which is a managed identity to others.'

@description('Settings by name.')
type settings = {
  @description('Value; a setting whose value is empty is left out.')
  *: string
}

@description('Name of the plan.')
param planName string

@description('Name of the function app: the first label of its host name.')
param name string

@description('Azure region.')
param location string

@description('Tags of the resources.')
param tags { *: string }

@description('Resource id of the managed identity that the server runs as.')
param identityId string

@description('Client id of the managed identity that the server runs as.')
param identityClientId string

@description('Endpoint of the blob service that the Functions host keeps its own state in.')
param blobEndpoint string

@description('URL of the container that the deployed package is put in.')
param deploymentContainerUrl string

@description('Name of the Application Insights component.')
param applicationInsightsName string

@description('Resource id of the Log Analytics workspace for the host\'s log.')
param logAnalyticsWorkspaceId string

@description('Whether to keep every resource log of the app, and not the host\'s alone.')
param allResourceLogs bool

@description('Whether instances are spread over availability zones.')
param zoneRedundant bool

@description('Major version of Node.js.')
param nodeVersion '22' | '24'

@description('Memory of an instance in MB; processor and network come in proportion.')
param instanceMemoryMB 512 | 2048 | 4096

@description('Instances at most.')
param maximumInstanceCount int

@description('Instances that are always running, billed whether used or not.')
param alwaysReadyInstances int

@description('Requests that one instance handles at the same time.')
param httpConcurrency int

@description('Resource id of a subnet, delegated to Microsoft.App/environments, that outbound traffic goes through; empty for none.')
param subnetId string

@description('Settings of the server itself: docs/configuration.md.')
param serverSettings settings

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

// The platform's own, by identity:
// https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
// https://learn.microsoft.com/azure/azure-functions/functions-app-settings#applicationinsights_authentication_string
var platformSettings = {
  AzureWebJobsStorage__blobServiceUri: blobEndpoint
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsights.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  // No page at the root that says what runs here.
  AzureWebJobsDisableHomepage: 'true'
}

// Over zones the platform always runs two, and bills them, and refuses a single one:
// https://learn.microsoft.com/azure/reliability/reliability-functions
var alwaysReady = zoneRedundant ? max(alwaysReadyInstances, 2) : alwaysReadyInstances

var givenServerSettings = filter(items(serverSettings), setting => !empty(setting.value))

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

// Neither CORS, which the server answers itself, nor a health check, which this plan does not have; and not
// ftpsState, which it refuses, having no FTP.
resource functionApp 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  // azd finds the app of the service `mcp` by this tag.
  tags: union(tags, { 'azd-service-name': 'mcp' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    // In a private network too: clients call from anywhere, and packages are deployed through the app's
    // own deployment endpoint, which puts them into the storage account from within the network.
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'node'
        version: nodeVersion
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReady == 0
          ? []
          : [
              {
                name: 'http'
                instanceCount: alwaysReady
              }
            ]
        triggers: {
          http: {
            perInstanceConcurrency: httpConcurrency
          }
        }
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      appSettings: map(concat(items(platformSettings), givenServerSettings), setting => {
        name: setting.key
        value: setting.value
      })
    }
  }
}

resource ftpPublishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: functionApp
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource scmPublishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: functionApp
  name: 'scm'
  properties: {
    allow: false
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'host-log'
  scope: functionApp
  properties: {
    workspaceId: logAnalyticsWorkspaceId
    logs: [
      union({ enabled: true }, allResourceLogs ? { categoryGroup: 'allLogs' } : { category: 'FunctionAppLogs' })
    ]
  }
}

@description('Name of the function app.')
output name string = functionApp.name

@description('Host name of the function app.')
output hostName string = functionApp.properties.defaultHostName
