metadata description = 'Who the server is in Azure: a user-assigned managed identity.'

@description('Name of the managed identity.')
param name string

@description('Azure region.')
param location string

@description('Tags of the resource.')
param tags { *: string }

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Resource id, to assign the identity to the function app.')
output id string = identity.id

@description('Client id: what the server asks for tokens with.')
output clientId string = identity.properties.clientId

@description('Object id of its service principal: what roles are assigned to.')
output principalId string = identity.properties.principalId
