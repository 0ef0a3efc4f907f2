metadata description = 'Cosmos DB, serverless and for Entra identities alone, with the containers of the domain, and the gateway\'s.'

@description('Name of the Cosmos DB account.')
param name string

@description('Azure region.')
param location string

@description('Tags of the resource.')
param tags { *: string }

@description('Object id of the managed identity that the server runs as.')
param identityPrincipalId string

@description('Object id of a person or pipeline that may read and write the data too; empty for none.')
param deployerPrincipalId string

@description('Whether the account is reached through a private endpoint alone.')
param privateNetwork bool

@description('Whether the data is kept in several availability zones.')
param zoneRedundant bool

@description('How far back the data can be restored.')
param backupTier 'Continuous7Days' | 'Continuous30Days'

@description('Whether to make the gateway\'s container.')
param gateway bool

@description('Resource id of the Log Analytics workspace for the request log.')
param logAnalyticsWorkspaceId string

// What the domain asks for, which the laptop stack makes too, so that both behave alike: `npm run build`
// writes it down.
var domain = loadJsonContent('../domain.json')
var databaseName = domain.name
// The same of the gateway, from src/gateway/store/container.ts.
var gatewayContainer = loadJsonContent('../gateway.json', 'container')

resource account 'Microsoft.DocumentDB/databaseAccounts@2025-04-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    capabilities: [
      {
        name: 'EnableServerless'
      }
    ]
    locations: [
      {
        locationName: location
        failoverPriority: 0
        isZoneRedundant: zoneRedundant
      }
    ]
    consistencyPolicy: {
      defaultConsistencyLevel: 'Session'
    }
    backupPolicy: {
      type: 'Continuous'
      continuousModeProperties: {
        tier: backupTier
      }
    }
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
    networkAclBypass: 'None'
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2025-04-15' = {
  parent: account
  name: databaseName
  properties: {
    resource: {
      id: databaseName
    }
  }
}

// The account takes one change at a time.
@batchSize(1)
resource containers 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-04-15' = [
  for container in items(domain.containers): {
    parent: database
    name: container.key
    properties: {
      resource: {
        id: container.key
        partitionKey: container.value.partitionKey
        indexingPolicy: container.value.indexingPolicy
      }
    }
  }
]

// Each record in it says when it may go, and none goes by itself (-1).
resource gatewayRecords 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-04-15' = if (gateway) {
  parent: database
  name: gatewayContainer.name
  properties: {
    resource: union({ id: gatewayContainer.name }, gatewayContainer.definition)
  }
  dependsOn: [
    containers
  ]
}

// Reads and writes items, and can neither create nor delete databases or containers:
// https://learn.microsoft.com/azure/cosmos-db/reference-data-plane-security
resource dataContributor 'Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions@2025-04-15' existing = {
  parent: account
  name: '00000000-0000-0000-0000-000000000002'
}

resource serverRole 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15' = {
  parent: account
  name: guid(database.id, identityPrincipalId, dataContributor.id)
  properties: {
    principalId: identityPrincipalId
    roleDefinitionId: dataContributor.id
    scope: '${account.id}/dbs/${database.name}'
  }
  // The account takes one change at a time.
  dependsOn: [
    containers
    gatewayRecords
  ]
}

resource deployerRole 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-04-15' = if (!empty(deployerPrincipalId)) {
  parent: account
  name: guid(database.id, deployerPrincipalId, dataContributor.id)
  properties: {
    principalId: deployerPrincipalId
    roleDefinitionId: dataContributor.id
    scope: '${account.id}/dbs/${database.name}'
  }
  dependsOn: [
    serverRole
  ]
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'request-log'
  scope: account
  properties: {
    workspaceId: logAnalyticsWorkspaceId
    // Into tables of their own, CDBDataPlaneRequests for one, rather than AzureDiagnostics.
    logAnalyticsDestinationType: 'Dedicated'
    logs: [
      {
        category: 'DataPlaneRequests'
        enabled: true
      }
      {
        category: 'ControlPlaneRequests'
        enabled: true
      }
    ]
  }
}

@description('Resource id of the Cosmos DB account.')
output id string = account.id

@description('What Azure has named the account by itself: nobody reads it without a right to read the account.')
output instanceId string = account.properties.instanceId

@description('Endpoint of the Cosmos DB account.')
output endpoint string = account.properties.documentEndpoint

@description('Name of the database.')
output databaseName string = database.name
