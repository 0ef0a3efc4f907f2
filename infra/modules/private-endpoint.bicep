metadata description = 'A private endpoint of one service, and the name by which the service is found there.'

@description('Region of the endpoint: the virtual network\'s.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Name of the endpoint.')
param name string

@description('Resource id of the service that the endpoint leads to.')
param targetId string

@description('Which part of the service: blob, queue or table of a storage account, Sql of a Cosmos DB account.')
@allowed(['blob', 'queue', 'table', 'Sql'])
param groupId string

@description('Resource id of the subnet that the endpoint is in.')
param subnetId string

@description('Resource id of the virtual network that resolves the service\'s name to the endpoint.')
param virtualNetworkId string

@description('Resource id of the resource group of existing private DNS zones; empty to make the zone in this one.')
param privateDnsZoneResourceGroupId string

@description('The zone that the service prescribes, such as privatelink.documents.azure.com.')
param privateDnsZoneName string

resource privateEndpoint 'Microsoft.Network/privateEndpoints@2025-01-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: name
        properties: {
          privateLinkServiceId: targetId
          groupIds: [groupId]
        }
      }
    ]
  }
}

var isZoneMade = empty(privateDnsZoneResourceGroupId)

module privateDnsZone 'private-dns-zone.bicep' = {
  scope: resourceGroup(
    isZoneMade ? subscription().subscriptionId : split(privateDnsZoneResourceGroupId, '/')[2],
    isZoneMade ? resourceGroup().name : split(privateDnsZoneResourceGroupId, '/')[4]
  )
  params: {
    name: privateDnsZoneName
    isMade: isZoneMade
    tags: tags
    virtualNetworkId: virtualNetworkId
  }
}

resource privateDnsZoneGroup 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-01-01' = {
  parent: privateEndpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: groupId
        properties: {
          privateDnsZoneId: privateDnsZone.outputs.id
        }
      }
    ]
  }
}
