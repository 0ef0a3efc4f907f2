metadata description = 'The storage account: the state of the Functions host, the deployed package, the key ring, people\'s files.'

@description('Name of the storage account.')
param name string

@description('Azure region.')
param location string

@description('Tags of the resource.')
param tags { *: string }

@description('Object id of the managed identity that the server runs as.')
param identityPrincipalId string

@description('Object id of a person or pipeline that may use the key ring and people\'s files too, to run the server locally; empty for none.')
param deployerPrincipalId string

@description('What deployerPrincipalId is.')
param deployerPrincipalType 'User' | 'ServicePrincipal'

@description('Whether the account is reached through a private endpoint alone.')
param privateNetwork bool

@description('Whether the account keeps its copies in several availability zones.')
param zoneRedundant bool

@description('Resource id of the Log Analytics workspace for the access log.')
param logAnalyticsWorkspaceId string

// What the domain asks for, which the laptop stack makes too, so that both behave alike: `npm run build`
// writes it down.
var domain = loadJsonContent('../domain.json')
var keepsFiles = !empty(items(domain.blobs))

var keyRingContainerName = 'key-ring'
var userDataContainerName = 'user-data'
var deploymentContainerName = 'deployment-packages'

// An approval is valid for minutes. The server records that it was used, and its upkeep deletes the record
// within two hours; the rule deletes what upkeep leaves, since it does not run or has too much to do.
var usedApprovals = {
  name: 'delete-used-approvals'
  prefix: '${keyRingContainerName}/used-approvals/'
  days: 1
}

// Areas whose files are on their way to somewhere else, and are of no use when they are not gone by then.
var agingAreas = map(filter(items(domain.blobs), area => contains(area.value, 'keepDays')), area => {
  name: 'delete-old-${area.key}'
  prefix: '${userDataContainerName}/${area.key}/'
  days: area.value.keepDays
})

// What the Functions host needs; it covers the deployed package, the key ring and people's files:
// https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
var storageBlobDataOwner = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
)
var storageBlobDataContributor = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
)

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: privateNetwork ? 'Disabled' : 'Enabled'
    networkAcls: {
      // Lifecycle rules run as a trusted Azure service, which a firewall would stop:
      // https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-overview
      bypass: 'AzureServices'
      defaultAction: privateNetwork ? 'Deny' : 'Allow'
    }
  }
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: {
      enabled: true
      days: 7
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: 7
    }
  }
}

resource keyRingContainer 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobService
  name: keyRingContainerName
  properties: {
    publicAccess: 'None'
  }
}

// Apart from the key ring, so that whoever may read the one may not read the other.
resource userDataContainer 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = if (keepsFiles) {
  parent: blobService
  name: userDataContainerName
  properties: {
    publicAccess: 'None'
  }
}

resource deploymentContainer 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobService
  name: deploymentContainerName
  properties: {
    publicAccess: 'None'
  }
}

// An account has one policy, with all rules; it runs about once a day.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        for rule in concat([usedApprovals], agingAreas): {
          name: rule.name
          type: 'Lifecycle'
          enabled: true
          definition: {
            filters: {
              blobTypes: [
                'blockBlob'
              ]
              prefixMatch: [
                rule.prefix
              ]
            }
            actions: {
              baseBlob: {
                delete: {
                  daysAfterModificationGreaterThan: rule.days
                }
              }
            }
          }
        }
      ]
    }
  }
}

resource serverRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, identityPrincipalId, storageBlobDataOwner)
  scope: account
  properties: {
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: storageBlobDataOwner
  }
}

resource deployerRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(deployerPrincipalId)) {
  name: guid(keyRingContainer.id, deployerPrincipalId, storageBlobDataContributor)
  scope: keyRingContainer
  properties: {
    principalId: deployerPrincipalId
    principalType: deployerPrincipalType
    roleDefinitionId: storageBlobDataContributor
  }
}

resource deployerUserDataRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (keepsFiles && !empty(deployerPrincipalId)) {
  name: guid(userDataContainer.id, deployerPrincipalId, storageBlobDataContributor)
  scope: userDataContainer
  properties: {
    principalId: deployerPrincipalId
    principalType: deployerPrincipalType
    roleDefinitionId: storageBlobDataContributor
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'access-log'
  scope: blobService
  properties: {
    workspaceId: logAnalyticsWorkspaceId
    logs: [
      {
        category: 'StorageRead'
        enabled: true
      }
      {
        category: 'StorageWrite'
        enabled: true
      }
      {
        category: 'StorageDelete'
        enabled: true
      }
    ]
  }
}

@description('Resource id of the storage account.')
output id string = account.id

@description('Endpoint of the blob service, with a trailing slash.')
output blobEndpoint string = account.properties.primaryEndpoints.blob

@description('URL of the container that the deployed package is put in.')
output deploymentContainerUrl string = '${account.properties.primaryEndpoints.blob}${deploymentContainer.name}'
