metadata description = 'A registration of one\'s own for an MCP client. The server\'s registration pre-authorises it.'

extension microsoftGraphV1

// It names nothing of the server's registration, which is made after it. Its secret, where it needs one, is made
// by hand and stays.

@description('Key of the application in the tenant.')
param uniqueName string

@description('Name that people see at sign-in and in the list of registrations.')
param displayName string

@description('Under which platform the callbacks are registered: Entra asks every `web` client for a secret, and no `publicClient`.')
param platform 'publicClient' | 'web'

@description('Where people are sent back to.')
param callbacks string[]

@description('Whether people sign in by device code too, which has no callback.')
param deviceCode bool

@description('What the tenant\'s policy asks registrations to name of the service management system; empty for nothing.')
param serviceManagementReference string

resource application 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: displayName
  signInAudience: 'AzureADMyOrg'
  serviceManagementReference: empty(serviceManagementReference) ? null : serviceManagementReference
  isFallbackPublicClient: deviceCode
  publicClient: {
    redirectUris: platform == 'publicClient' ? callbacks : []
  }
  web: {
    redirectUris: platform == 'web' ? callbacks : []
  }
}

resource servicePrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: application.appId
}

@description('Client id, which a person enters in the client.')
output clientId string = application.appId
