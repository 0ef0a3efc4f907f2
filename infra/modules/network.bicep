metadata description = 'A virtual network for a Flex Consumption app and the private endpoints of what it uses.'

@description('Region of the network; the function app has to be in the same one.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Name of the virtual network; its network security groups are named after it.')
@minLength(2)
@maxLength(58)
param virtualNetworkName string

@description('Address range of the network, CIDR, a /25 or larger: a /26 of it is the function app\'s, a /27 the private endpoints\'.')
@minLength(9)
param addressPrefix string

// A /27 would carry one app at any scale.
var functionSubnetAddressPrefix = cidrSubnet(addressPrefix, 26, 0)
var privateEndpointSubnetAddressPrefix = cidrSubnet(addressPrefix, 27, 2)

// Without rules of its own: nothing comes in through this subnet, and outbound traffic has to reach
// Entra, Graph and Azure Monitor. It is where a team's own outbound rules go.
resource functionSecurityGroup 'Microsoft.Network/networkSecurityGroups@2025-01-01' = {
  name: '${virtualNetworkName}-functions-nsg'
  location: location
  tags: tags
}

resource privateEndpointSecurityGroup 'Microsoft.Network/networkSecurityGroups@2025-01-01' = {
  name: '${virtualNetworkName}-private-endpoints-nsg'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'allow-https-from-functions'
        properties: {
          description: 'Blob Storage, and Cosmos DB in gateway mode, the only mode of its SDK for Node.js.'
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: functionSubnetAddressPrefix
          sourcePortRange: '*'
          destinationAddressPrefix: privateEndpointSubnetAddressPrefix
          destinationPortRange: '443'
        }
      }
      {
        name: 'deny-everything-else'
        properties: {
          priority: 4096
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource virtualNetwork 'Microsoft.Network/virtualNetworks@2025-01-01' = {
  name: virtualNetworkName
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [addressPrefix]
    }
    // Inline, since subnets of their own would be removed and made again by the next deployment.
    subnets: [
      {
        // Flex Consumption takes no underscore in the name, and a subnet that nothing else uses:
        // https://learn.microsoft.com/azure/azure-functions/functions-networking-options#subnets
        name: 'functions'
        properties: {
          addressPrefix: functionSubnetAddressPrefix
          networkSecurityGroup: {
            id: functionSecurityGroup.id
          }
          // Its way out is the service's own; default outbound access does not apply to delegated subnets:
          // https://learn.microsoft.com/azure/virtual-network/ip-services/default-outbound-access
          delegations: [
            {
              name: 'flex-consumption'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'private-endpoints'
        properties: {
          addressPrefix: privateEndpointSubnetAddressPrefix
          defaultOutboundAccess: false
          // Without it the security group would not hold for private endpoints.
          privateEndpointNetworkPolicies: 'NetworkSecurityGroupEnabled'
          networkSecurityGroup: {
            id: privateEndpointSecurityGroup.id
          }
        }
      }
    ]
  }

  resource functionSubnet 'subnets' existing = {
    name: 'functions'
  }

  resource privateEndpointSubnet 'subnets' existing = {
    name: 'private-endpoints'
  }
}

@description('Resource id of the virtual network.')
output virtualNetworkId string = virtualNetwork.id

@description('Resource id of the subnet that is delegated to the function app.')
output functionSubnetId string = virtualNetwork::functionSubnet.id

@description('Resource id of the subnet of the private endpoints.')
output privateEndpointSubnetId string = virtualNetwork::privateEndpointSubnet.id
