metadata description = 'A second registration, for `func start` on a developer\'s machine against the real Entra.'

// Its secret is made afterwards, for a few days, and goes into no file: into ENTRA_CLIENT_SECRET of the shell
// that `func start` is run in (docs/developing.md). The deployed registration never has one.

@description('Key of the application in the tenant.')
param uniqueName string

@description('Name that people see at sign-in and in the list of registrations.')
param displayName string

@description('Who issues tokens: the tenant, by the name that it has in this cloud.')
param issuer string

@description('Client ids of the applications that may ask for the scope without a consent screen.')
param preAuthorizedClientIds string[]

@description('What the tenant\'s policy asks registrations to name of the service management system; empty for nothing.')
param serviceManagementReference string

@description('Whether to consent to the delegated Graph permissions for everybody in the tenant.')
param grantAdminConsent bool

module registration 'entra-registration.bicep' = {
  params: {
    uniqueName: uniqueName
    displayName: displayName
    acceptedIdentifierUris: []
    scopeIdentifierUri: ''
    issuer: issuer
    preAuthorizedClientIds: preAuthorizedClientIds
    registeredClientIds: []
    appRoles: []
    managedIdentityPrincipalId: ''
    assignmentRequired: false
    serviceManagementReference: serviceManagementReference
    grantAdminConsent: grantAdminConsent
    createAdminGroup: false
    administratorPrincipalId: ''
  }
}

@description('Client id, for ENTRA_CLIENT_ID in local.settings.json.')
output clientId string = registration.outputs.clientId

@description('Identifier URI, for ENTRA_IDENTIFIER_URI in local.settings.json.')
output identifierUri string = registration.outputs.identifierUri

@description('Key of the application in the tenant.')
output uniqueName string = registration.outputs.uniqueName
