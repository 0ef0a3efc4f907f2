metadata description = 'The registration in Microsoft Entra: the application, its service principal, its scope.'

import { exchangeAudiences } from 'exchange-audiences.bicep'

extension microsoftGraphV1

@description('An app role that tools\' policies may ask for.')
type appRole = {
  @description('What stands in the claim `roles`, and in the tool\'s policy.')
  value: string

  @description('What administrators see when they assign it.')
  displayName: string

  @description('What holding it allows.')
  description: string
}

@description('Key of the application in the tenant. The same name finds the same application again, so nothing is made twice.')
param uniqueName string

@description('Name that people see at sign-in and in the list of registrations.')
param displayName string

@description('Identifier URIs that the application has beside the api:// one: what clients send as `resource`, and what administrators have added.')
param acceptedIdentifierUris string[]

@description('Which identifier URI the scope begins with; empty for the api:// one.')
param scopeIdentifierUri string

@description('Who issues the managed identity\'s tokens: the tenant, by the name that it has in this cloud.')
param issuer string

@description('Client ids of the applications that may ask for the scope without a consent screen.')
param preAuthorizedClientIds string[]

@description('Client ids of the registrations that this deployment has made for clients: they may do the same.')
param registeredClientIds string[]

@description('App roles, beside the group of administrators.')
param appRoles appRole[]

@description('Object id of the managed identity whose tokens serve as the application\'s credential; empty for none.')
param managedIdentityPrincipalId string

@description('Whether only people who are assigned to the application may sign in.')
param assignmentRequired bool

@description('What the tenant\'s policy asks registrations to name of the service management system; empty for nothing.')
param serviceManagementReference string

@description('Whether to consent to the delegated Graph permissions for everybody in the tenant, as an Application Administrator or Cloud Application Administrator may.')
param grantAdminConsent bool

@description('Whether to make a security group of administrators.')
param createAdminGroup bool

@description('Object id of the first member of the group of administrators; empty for none.')
param administratorPrincipalId string

// The name of the scope is the server's: requiredScope in src/gates/token-verifier.ts.
var scopeName = 'user_impersonation'
// Deterministic, since tokens, grants and pre-authorisations refer to it by id.
var scopeId = guid(uniqueName, 'scope', scopeName)

// An application cannot name its own client id here while it is being made. The tenant's id in front is
// what the tenant's policy on identifier URIs asks for:
// https://learn.microsoft.com/entra/identity-platform/identifier-uri-restrictions
var ownIdentifierUri = 'api://${tenant().tenantId}/${uniqueName}'

// A tenant may refuse any other, and this deployment with it. So a hook adds those afterwards, one by one
// (infra/hooks/postprovision.ts), and only those that the registration has come back here.
var identifierUris = union([ownIdentifierUri], acceptedIdentifierUris)

var identifierUri = empty(scopeIdentifierUri)
  ? ownIdentifierUri
  : contains(identifierUris, scopeIdentifierUri)
      ? scopeIdentifierUri
      : fail('SCOPE_IDENTIFIER_URI must be one of the registration\'s identifier URIs: ${join(identifierUris, ', ')}. Set it to "" and run azd provision, which adds the server\'s own URLs; then set it.')

// https://learn.microsoft.com/graph/permissions-reference
var microsoftGraphAppId = '00000003-0000-0000-c000-000000000000'
// Enough for /me, and for one's own memberships (/me/transitiveMemberOf), in which a group that may not
// be read shows by its id: https://learn.microsoft.com/graph/api/user-list-transitivememberof
var graphPermissions = [
  {
    name: 'User.Read'
    id: 'e1fe6dd8-ba31-4d61-89e7-88639da4683d'
  }
]

resource application 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: displayName
  signInAudience: 'AzureADMyOrg'
  serviceManagementReference: empty(serviceManagementReference) ? null : serviceManagementReference
  // Lists the service principal, whose tags these are too, among the portal's enterprise applications, where
  // people are assigned to it. Its own are left to the portal, which keeps an administrator's choices in them:
  // https://learn.microsoft.com/graph/api/resources/serviceprincipal
  tags: [
    'WindowsAzureActiveDirectoryIntegratedApp'
  ]
  identifierUris: identifierUris
  api: {
    requestedAccessTokenVersion: 2
    oauth2PermissionScopes: [
      {
        id: scopeId
        value: scopeName
        type: 'User'
        isEnabled: true
        // Graph takes 100 characters at most in names here, which the display name alone may have.
        adminConsentDisplayName: 'Use the MCP server on behalf of people'
        adminConsentDescription: 'Allows the application to use ${displayName} on behalf of the person who is signed in.'
        userConsentDisplayName: 'Use the MCP server on your behalf'
        userConsentDescription: 'Allows the application to use ${displayName} on your behalf.'
      }
    ]
    preAuthorizedApplications: [
      for clientId in union(preAuthorizedClientIds, registeredClientIds): {
        appId: clientId
        delegatedPermissionIds: [
          scopeId
        ]
      }
    ]
  }
  appRoles: [
    for role in appRoles: {
      id: guid(uniqueName, 'role', role.value)
      value: role.value
      displayName: role.displayName
      description: role.description
      allowedMemberTypes: [
        'User'
      ]
      isEnabled: true
    }
  ]
  optionalClaims: {
    accessToken: [
      {
        // Whether the client can handle a claims challenge.
        name: 'xms_cc'
      }
      {
        // `app` for tokens without a person, which the server refuses.
        name: 'idtyp'
      }
    ]
  }
  requiredResourceAccess: [
    {
      resourceAppId: microsoftGraphAppId
      resourceAccess: [
        for permission in graphPermissions: {
          id: permission.id
          type: 'Scope'
        }
      ]
    }
  ]
}

resource servicePrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = if (!assignmentRequired) {
  appId: application.appId
}

// The same one. Where nothing is asked for, an administrator's choice in the portal has to stay.
resource servicePrincipalForAssigned 'Microsoft.Graph/servicePrincipals@v1.0' = if (assignmentRequired) {
  appId: application.appId
  appRoleAssignmentRequired: true
}

// In the place of a secret: the token exchange presents the managed identity's token.
resource managedIdentityCredential 'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0' = if (!empty(managedIdentityPrincipalId)) {
  name: '${application.uniqueName}/managed-identity'
  description: 'The managed identity that the server runs as'
  issuer: issuer
  subject: managedIdentityPrincipalId
  audiences: [
    exchangeAudiences[environment().name]
  ]
}

resource microsoftGraph 'Microsoft.Graph/servicePrincipals@v1.0' existing = if (grantAdminConsent) {
  appId: microsoftGraphAppId
}

// By hand, where whoever deploys may not consent: az ad app permission admin-consent --id {client id}
resource adminConsent 'Microsoft.Graph/oauth2PermissionGrants@v1.0' = if (grantAdminConsent) {
  clientId: assignmentRequired ? servicePrincipalForAssigned!.id : servicePrincipal!.id
  consentType: 'AllPrincipals'
  resourceId: microsoftGraph!.id
  scope: join(map(graphPermissions, permission => permission.name), ' ')
}

resource administrators 'Microsoft.Graph/groups@v1.0' = if (createAdminGroup) {
  uniqueName: '${uniqueName}-administrators'
  displayName: '${displayName} administrators'
  description: 'Administrators of ${displayName}'
  mailEnabled: false
  mailNickname: '${uniqueName}-administrators'
  securityEnabled: true
  // Who makes the group without being an administrator owns it, and may not name themselves an owner.
  members: {
    // Whoever is added later stays.
    relationships: empty(administratorPrincipalId) ? [] : [administratorPrincipalId]
    relationshipSemantics: 'append'
  }
}

@description('Client id: the audience of callers\' tokens.')
output clientId string = application.appId

@description('Identifier URI: what the scope begins with.')
output identifierUri string = identifierUri

@description('Key of the application in the tenant.')
output uniqueName string = application.uniqueName

@description('Object id of the group of administrators; empty where none was made.')
output adminGroupId string = createAdminGroup ? administrators!.id : ''

@description('Key of the group of administrators in the tenant; empty where none was made.')
output adminGroupUniqueName string = createAdminGroup ? administrators!.uniqueName : ''
