metadata description = 'The gateway\'s own registration in Microsoft Entra: a client of the server\'s API, with the managed identity as its credential.'

import { exchangeAudiences } from 'exchange-audiences.bicep'

extension microsoftGraphV1

// It names nothing of the API's registration, which is made after it and pre-authorises it: so nobody sees a
// consent screen of Entra's, and no permission has to be configured here.

@description('Key of the application in the tenant. The same name finds the same application again, so nothing is made twice.')
param uniqueName string

@description('Name that people see at sign-in and in the list of registrations.')
param displayName string

@description('Where Entra sends people back to: the gateway\'s callback, to the letter.')
param callback string

@description('Who issues the managed identity\'s tokens: the tenant, by the name that it has in this cloud.')
param issuer string

@description('Object id of the managed identity whose tokens serve as the application\'s credential.')
param managedIdentityPrincipalId string

@description('What the tenant\'s policy asks registrations to name of the service management system; empty for nothing.')
param serviceManagementReference string

resource application 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: displayName
  signInAudience: 'AzureADMyOrg'
  serviceManagementReference: empty(serviceManagementReference) ? null : serviceManagementReference
  // Whatever else sends people somewhere would get codes for the API without anybody being asked: none of it
  // outlives a deployment.
  isFallbackPublicClient: false
  publicClient: {
    redirectUris: []
  }
  spa: {
    redirectUris: []
  }
  web: {
    redirectUris: [
      callback
    ]
    implicitGrantSettings: {
      enableAccessTokenIssuance: false
      enableIdTokenIssuance: false
    }
  }
}

resource servicePrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: application.appId
}

// In the place of a secret: the gateway presents the managed identity's token.
resource managedIdentityCredential 'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0' = {
  name: '${application.uniqueName}/managed-identity'
  description: 'The managed identity that the server runs as'
  issuer: issuer
  subject: managedIdentityPrincipalId
  audiences: [
    exchangeAudiences[environment().name]
  ]
}

@description('Client id: what the gateway signs people in as.')
output clientId string = application.appId

@description('Key of the application in the tenant.')
output uniqueName string = application.uniqueName
