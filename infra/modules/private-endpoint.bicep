metadata description = 'A private endpoint of one service, and the private DNS zone by which its name leads there.'

@description('Region of the endpoint: the virtual network\'s.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Name of the endpoint.')
@minLength(2)
@maxLength(64)
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

resource privateDnsZone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: privateDnsZoneName
  location: 'global'
  tags: tags
}

resource virtualNetworkLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: privateDnsZone
  name: uniqueString(virtualNetworkId)
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    virtualNetwork: {
      id: virtualNetworkId
    }
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
          privateDnsZoneId: privateDnsZone.id
        }
      }
    ]
  }
}
