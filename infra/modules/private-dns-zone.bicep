metadata description = 'A private DNS zone, or one that is there, linked to a virtual network.'

@description('Name of the zone, such as privatelink.documents.azure.com.')
param name string

@description('Whether the zone is made; otherwise it is there.')
param isMade bool

@description('Tags of the zone, if it is made, and of the link.')
param tags { *: string }

@description('Resource id of the virtual network that asks the zone.')
param virtualNetworkId string

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = if (isMade) {
  name: name
  location: 'global'
  tags: tags
}

resource existingZone 'Microsoft.Network/privateDnsZones@2024-06-01' existing = {
  name: name
}

resource virtualNetworkLink 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: existingZone
  name: uniqueString(virtualNetworkId)
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    virtualNetwork: {
      id: virtualNetworkId
    }
  }
  dependsOn: [zone]
}

@description('Resource id of the zone.')
output id string = existingZone.id
