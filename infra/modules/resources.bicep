metadata description = 'Everything in the resource group, put together. main.bicep says what the parameters mean.'

@description('Name of the environment, for names that people read.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('What makes the names unique: the same for the same subscription, environment and region.')
@minLength(13)
@maxLength(13)
param token string

@description('Azure region.')
param location string

@description('Tags of every resource.')
param tags { *: string }

@description('Who deploys, and whether the data is open to them.')
param deployingPrincipal {
  principalId: string
  principalType: 'User' | 'ServicePrincipal'
  dataAccess: bool
}

@description('Whether server, storage and data are spread over availability zones.')
param zoneRedundant bool

@description('How far back the data can be restored.')
param cosmosBackupTier 'Continuous7Days' | 'Continuous30Days'

@description('How the server is hosted.')
param hosting {
  nodeVersion: '22' | '24'
  instanceMemoryMB: 512 | 2048 | 4096
  maximumInstanceCount: int
  alwaysReadyInstances: int
  httpConcurrency: int?
}

@description('Settings of the server; what is empty or absent is left to its defaults.')
param server {
  publicUrl: string
  allowedHosts: string
  allowedOrigins: string
  allowedClientIds: string
  allowAgentUsers: bool
  approvals: string
  rateLimitPerCaller: int?
  rateLimitPerAddress: int?
  trustedProxyHops: int?
  domainSettings: { *: string }
}

@description('The registration in Entra: one to make, or one that is there.')
param entra {
  acceptedIdentifierUris: string[]
  scopeIdentifierUri: string
  preAuthorizedClientIds: string[]
  registerClients: {
    name: string
    callbacks: string[]
  }[]
  existingClientId: string
  existingIdentifierUri: string
  adminGroupId: string
  createAdminGroup: bool
  grantAdminConsent: bool
  createDevelopmentRegistration: bool
  assignmentRequired: bool
  serviceManagementReference: string
}

@description('The gateway: a session held by the server, for clients that Entra does not let in.')
param gateway {
  enabled: bool
  existingClientId: string
  registration: 'off' | 'on'
  clients: string
  clientDomains: string
  redirectSchemes: string
  idleDays: int
  absoluteDays: int
}

@description('Whether storage and data are reached through a virtual network alone.')
param virtualNetwork bool

@description('Address range of the virtual network, CIDR.')
param virtualNetworkAddressPrefix string

@description('Resource id of the resource group of existing private DNS zones; empty for none.')
param privateDnsZoneResourceGroupId string

@description('What is watched, and for how long it is kept.')
param observability {
  logRetentionDays: int
  alertEmail: string
  resourceLogs: bool
  webTest: bool
  monthlyBudget: int
  budgetStart: string
  dashboard: bool
}

@description('API Management in front of the server.')
param apiManagementOptions {
  deploy: bool
  skuName: 'Consumption' | 'BasicV2' | 'StandardV2'
  publisherEmail: string
  publisherName: string
}

// What tools' policies ask for beside administrators (`roles` in src/mcp/policy.ts). None of the tools does.
var appRoles = []

// Azure still gives China's former authority:
// https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
var loginEndpoint = environment().name == 'AzureChinaCloud'
  ? 'https://login.partner.microsoftonline.cn/'
  : environment().authentication.loginEndpoint
var authorityHost = 'https://${split(loginEndpoint, '/')[2]}'
var issuer = '${authorityHost}/${tenant().tenantId}/v2.0'

// https://learn.microsoft.com/azure/private-link/private-endpoint-dns
var cosmosDomains = {
  AzureCloud: 'documents.azure.com'
  AzureUSGovernment: 'documents.azure.us'
  AzureChinaCloud: 'documents.azure.cn'
}

// Of the function app's own host name, which follows from the app's:
// https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure
var hostNameDomains = {
  AzureCloud: 'azurewebsites.net'
  AzureUSGovernment: 'azurewebsites.us'
  AzureChinaCloud: 'chinacloudsites.cn'
}

var deployerWithDataAccess = deployingPrincipal.dataAccess ? deployingPrincipal.principalId : ''

module identity 'identity.bicep' = {
  params: {
    name: 'id-${token}'
    location: location
    tags: tags
  }
}

module monitoring 'monitoring.bicep' = {
  params: {
    workspaceName: 'log-${token}'
    applicationInsightsName: 'appi-${token}'
    location: location
    tags: tags
    retentionDays: observability.logRetentionDays
    publisherPrincipalId: identity.outputs.principalId
  }
}

module storage 'storage.bicep' = {
  params: {
    name: 'st${token}'
    location: location
    tags: tags
    identityPrincipalId: identity.outputs.principalId
    deployerPrincipalId: deployerWithDataAccess
    deployerPrincipalType: deployingPrincipal.principalType
    privateNetwork: virtualNetwork
    zoneRedundant: zoneRedundant
    logAnalyticsWorkspaceId: monitoring.outputs.workspaceId
  }
}

module cosmos 'cosmos.bicep' = {
  params: {
    name: 'cosmos-${token}'
    location: location
    tags: tags
    identityPrincipalId: identity.outputs.principalId
    deployerPrincipalId: deployerWithDataAccess
    privateNetwork: virtualNetwork
    zoneRedundant: zoneRedundant
    backupTier: cosmosBackupTier
    gateway: gateway.enabled
    logAnalyticsWorkspaceId: monitoring.outputs.workspaceId
  }
}

module network 'network.bicep' = if (virtualNetwork) {
  params: {
    virtualNetworkName: 'vnet-${token}'
    location: location
    tags: tags
    addressPrefix: virtualNetworkAddressPrefix
  }
}

module storagePrivateEndpoint 'private-endpoint.bicep' = if (virtualNetwork) {
  params: {
    name: 'pep-st-${token}'
    location: location
    tags: tags
    targetId: storage.outputs.id
    groupId: 'blob'
    subnetId: network!.outputs.privateEndpointSubnetId
    virtualNetworkId: network!.outputs.virtualNetworkId
    privateDnsZoneResourceGroupId: privateDnsZoneResourceGroupId
    privateDnsZoneName: 'privatelink.blob.${environment().suffixes.storage}'
  }
}

module cosmosPrivateEndpoint 'private-endpoint.bicep' = if (virtualNetwork) {
  params: {
    name: 'pep-cosmos-${token}'
    location: location
    tags: tags
    targetId: cosmos.outputs.id
    groupId: 'Sql'
    subnetId: network!.outputs.privateEndpointSubnetId
    virtualNetworkId: network!.outputs.virtualNetworkId
    privateDnsZoneResourceGroupId: privateDnsZoneResourceGroupId
    privateDnsZoneName: 'privatelink.${cosmosDomains[environment().name]}'
  }
  // One after the other: a subnet refuses a second endpoint while the first is being put into it.
  dependsOn: [
    storagePrivateEndpoint
  ]
}

// Nobody knows the identity's object id before there is the identity: a name that could be foreseen could be
// taken first, by somebody who would then own what the deployment takes for its own.
var directoryToken = uniqueString(identity.outputs.principalId)

var registrationName = 'mcp-${directoryToken}'
var registrationTitle = 'MCP server (${environmentName})'
var registrableClients = loadJsonContent('../clients.json', 'registrable')

module clientRegistrations 'client-registration.bicep' = [
  for client in entra.registerClients: {
    params: {
      uniqueName: '${registrationName}-${client.name}'
      displayName: '${registrationTitle}: ${registrableClients[client.name].title}'
      platform: registrableClients[client.name].platform
      callbacks: union(registrableClients[client.name].callbacks, client.callbacks)
      deviceCode: registrableClients[client.name].?deviceCode ?? false
      serviceManagementReference: entra.serviceManagementReference
    }
  }
]

// The registrations' names can be read in the tenant by the time that the gateway is switched on, and the managed
// identity's object id too: this name follows from what only those know who may read the database account.
module gatewayRegistration 'gateway-registration.bicep' = if (gateway.enabled && empty(gateway.existingClientId)) {
  params: {
    uniqueName: 'mcp-gateway-${uniqueString(identity.outputs.principalId, cosmos.outputs.instanceId)}'
    displayName: '${registrationTitle}: gateway'
    callback: '${publicOrigin}/gateway/callback'
    issuer: issuer
    managedIdentityPrincipalId: identity.outputs.principalId
    serviceManagementReference: entra.serviceManagementReference
  }
}

var gatewayClientId = !gateway.enabled
  ? ''
  : empty(gateway.existingClientId) ? gatewayRegistration!.outputs.clientId : gateway.existingClientId

module registration 'entra-registration.bicep' = if (empty(entra.existingClientId)) {
  params: {
    uniqueName: registrationName
    displayName: registrationTitle
    acceptedIdentifierUris: entra.acceptedIdentifierUris
    scopeIdentifierUri: entra.scopeIdentifierUri
    issuer: issuer
    preAuthorizedClientIds: gateway.enabled
      ? union(entra.preAuthorizedClientIds, [gatewayClientId])
      : entra.preAuthorizedClientIds
    registeredClientIds: [for (client, index) in entra.registerClients: clientRegistrations[index].outputs.clientId]
    appRoles: appRoles
    managedIdentityPrincipalId: identity.outputs.principalId
    assignmentRequired: entra.assignmentRequired
    serviceManagementReference: entra.serviceManagementReference
    grantAdminConsent: entra.grantAdminConsent
    createAdminGroup: entra.createAdminGroup && empty(entra.adminGroupId)
    // A pipeline has no use for being an administrator.
    administratorPrincipalId: deployingPrincipal.principalType == 'User' ? deployingPrincipal.principalId : ''
  }
}

module developmentRegistration 'development-registration.bicep' = if (entra.createDevelopmentRegistration) {
  params: {
    uniqueName: 'mcp-development-${directoryToken}'
    displayName: 'MCP server (${environmentName}, development)'
    issuer: issuer
    preAuthorizedClientIds: entra.preAuthorizedClientIds
    serviceManagementReference: entra.serviceManagementReference
    grantAdminConsent: entra.grantAdminConsent
  }
}

var clientId = empty(entra.existingClientId) ? registration!.outputs.clientId : entra.existingClientId
var identifierUri = empty(entra.existingClientId)
  ? registration!.outputs.identifierUri
  : empty(entra.existingIdentifierUri) ? 'api://${entra.existingClientId}' : entra.existingIdentifierUri
var scope = '${identifierUri}/user_impersonation'
var adminGroupId = empty(entra.existingClientId) && empty(entra.adminGroupId)
  ? registration!.outputs.adminGroupId
  : entra.adminGroupId

module apiManagement 'api-management.bicep' = if (apiManagementOptions.deploy) {
  params: {
    name: 'apim-${token}'
    location: location
    tags: tags
    skuName: apiManagementOptions.skuName
    publisherEmail: apiManagementOptions.publisherEmail
    publisherName: apiManagementOptions.publisherName
    applicationInsightsName: monitoring.outputs.applicationInsightsName
    gatewayLogWorkspaceId: observability.resourceLogs ? monitoring.outputs.workspaceId : ''
  }
}

// Who goes around API Management writes the address that the server would count by, and could use up what
// somebody else's may send. Consumption alone has no such limit.
var apiManagementLimitsAddresses = apiManagementOptions.deploy && apiManagementOptions.skuName != 'Consumption'

// Empty where the server's own default holds: its host name in Azure.
var publicUrl = empty(server.publicUrl) && apiManagementOptions.deploy
  ? '${apiManagement!.outputs.gatewayUrl}/mcp'
  : server.publicUrl

// Before there is the function app, whose settings name the registration that this is entered in.
var publicOrigin = empty(publicUrl)
  ? 'https://func-${token}.${hostNameDomains[environment().name]}'
  : join(take(split(publicUrl, '/'), 3), '/')

// API Management calls the function app by the app's own name. The server has to answer that name as the public
// URL, or no client that came through API Management would accept its metadata document.
var namesFunctionApp = contains(
  map(split(server.allowedHosts, ','), host => startsWith(toLower(trim(host)), 'func-${token}')),
  true
)
var allowedHosts = apiManagementOptions.deploy && namesFunctionApp
  ? fail('ALLOWED_HOSTS must not have the function app\'s own name with API Management, which calls it by that name: every answer to it has to name the public URL. Take it out.')
  : apiManagementOptions.deploy && (server.?trustedProxyHops ?? 2) < 2
      ? fail('TRUSTED_PROXY_HOPS must be 2 or more with API Management, which is a hop of its own. Set it to "", or count the hops.')
      : server.allowedHosts

var gatewaySettings = {
  GATEWAY: 'on'
  GATEWAY_CLIENT_ID: gatewayClientId
  GATEWAY_REGISTRATION: gateway.registration
  GATEWAY_CLIENTS: gateway.clients
  GATEWAY_CLIENT_DOMAINS: gateway.clientDomains
  GATEWAY_REDIRECT_SCHEMES: gateway.redirectSchemes
  GATEWAY_IDLE_DAYS: string(gateway.idleDays)
  GATEWAY_ABSOLUTE_DAYS: string(gateway.absoluteDays)
}

// The platform's defaults by memory, said outright because the server has to know the number:
// https://learn.microsoft.com/azure/azure-functions/functions-concurrency#http-trigger-concurrency
var httpConcurrency = hosting.?httpConcurrency ?? {
  '512': 4
  '2048': 16
  '4096': 32
}[string(hosting.instanceMemoryMB)]

module functionApp 'function-app.bicep' = {
  params: {
    planName: 'plan-${token}'
    name: 'func-${token}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    blobEndpoint: storage.outputs.blobEndpoint
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    applicationInsightsName: monitoring.outputs.applicationInsightsName
    logAnalyticsWorkspaceId: monitoring.outputs.workspaceId
    allResourceLogs: observability.resourceLogs
    zoneRedundant: zoneRedundant
    nodeVersion: hosting.nodeVersion
    instanceMemoryMB: hosting.instanceMemoryMB
    maximumInstanceCount: hosting.maximumInstanceCount
    alwaysReadyInstances: hosting.alwaysReadyInstances
    httpConcurrency: httpConcurrency
    subnetId: virtualNetwork ? network!.outputs.functionSubnetId : ''
    serverSettings: union(server.domainSettings, gateway.enabled ? gatewaySettings : {}, {
      MCP_PUBLIC_URL: publicUrl
      ALLOWED_HOSTS: allowedHosts
      ALLOWED_ORIGINS: server.allowedOrigins
      ENTRA_TENANT_ID: tenant().tenantId
      ENTRA_CLIENT_ID: clientId
      ENTRA_IDENTIFIER_URI: identifierUri
      ENTRA_AUTHORITY_HOST: authorityHost
      ENTRA_ISSUER: issuer
      ENTRA_ADMIN_GROUP_ID: adminGroupId
      AZURE_CLIENT_ID: identity.outputs.clientId
      COSMOS_ENDPOINT: cosmos.outputs.endpoint
      COSMOS_DATABASE: cosmos.outputs.databaseName
      STORAGE_BLOB_ENDPOINT: storage.outputs.blobEndpoint
      APPROVALS: server.approvals
      HTTP_CONCURRENCY: string(httpConcurrency)
      ALLOWED_CLIENT_IDS: server.allowedClientIds
      ALLOW_AGENT_USERS: server.allowAgentUsers ? 'true' : ''
      RATE_LIMIT_PER_CALLER: string(server.?rateLimitPerCaller ?? '')
      RATE_LIMIT_PER_ADDRESS: string(server.?rateLimitPerAddress ?? (apiManagementLimitsAddresses ? 0 : ''))
      // API Management adds a hop to the platform's front end.
      TRUSTED_PROXY_HOPS: string(server.?trustedProxyHops ?? (apiManagementOptions.deploy ? 2 : ''))
    })
  }
  // The host looks for its storage as soon as it starts.
  dependsOn: [
    storagePrivateEndpoint
    cosmosPrivateEndpoint
  ]
}

module apiManagementApi 'api-management-api.bicep' = if (apiManagementOptions.deploy) {
  params: {
    apiManagementName: apiManagement!.outputs.name
    skuName: apiManagementOptions.skuName
    loggerId: apiManagement!.outputs.loggerId
    functionAppHostName: functionApp.outputs.hostName
    publicUrl: publicUrl
    clientId: clientId
    scope: scope
    issuer: issuer
    gateway: gateway.enabled
    // With the keys that the registration has of its own, if it has a claims mapping.
    openIdConfigurationUrl: '${issuer}/.well-known/openid-configuration?appid=${clientId}'
  }
}

module alerts 'alerts.bicep' = if (!empty(observability.alertEmail)) {
  params: {
    namePrefix: 'alert-${token}'
    location: location
    tags: tags
    logAnalyticsWorkspaceId: monitoring.outputs.workspaceId
    functionAppName: functionApp.outputs.name
    gateway: gateway.enabled
    cosmosAccountId: cosmos.outputs.id
    email: observability.alertEmail
  }
}

var mcpUrl = empty(publicUrl) ? 'https://${functionApp.outputs.hostName}/mcp' : publicUrl

module webTest 'web-test.bicep' = if (observability.webTest) {
  params: {
    name: 'test-${token}'
    location: location
    tags: tags
    applicationInsightsId: monitoring.outputs.applicationInsightsId
    url: uri(mcpUrl, 'health/ready')
    actionGroupId: empty(observability.alertEmail) ? '' : alerts!.outputs.actionGroupId
  }
}

module budget 'budget.bicep' = if (observability.monthlyBudget > 0) {
  params: {
    name: 'budget-${token}'
    amount: observability.monthlyBudget
    start: observability.budgetStart
    email: observability.alertEmail
  }
}

module dashboard 'dashboard.bicep' = if (observability.dashboard) {
  params: {
    displayName: 'MCP server (${environmentName})'
    location: location
    tags: tags
    logAnalyticsWorkspaceId: monitoring.outputs.workspaceId
    applicationInsightsId: monitoring.outputs.applicationInsightsId
    functionAppName: functionApp.outputs.name
    gateway: gateway.enabled
    cosmosAccountId: cosmos.outputs.id
  }
}

@description('Name of the function app.')
output functionAppName string = functionApp.outputs.name

@description('Host name of the function app.')
output functionAppHostName string = functionApp.outputs.hostName

@description('The MCP endpoint as clients ask for it.')
output mcpUrl string = mcpUrl

@description('Client id of the registration.')
output clientId string = clientId

@description('Identifier URI of the registration: what the scope begins with.')
output identifierUri string = identifierUri

@description('The scope that clients ask for.')
output scope string = scope

@description('Key of the registration in the tenant; empty if it existed before.')
output registrationUniqueName string = empty(entra.existingClientId) ? registration!.outputs.uniqueName : ''

@description('The gateway\'s MCP endpoint as clients ask for it; empty where it is off.')
output gatewayUrl string = gateway.enabled ? '${join(take(split(mcpUrl, '/'), 3), '/')}/gateway/mcp' : ''

@description('Client id of the gateway\'s registration; empty where it is off.')
output gatewayClientId string = gatewayClientId

@description('Key of the gateway\'s registration in the tenant; empty if it existed before, or there is none.')
output gatewayUniqueName string = gateway.enabled && empty(gateway.existingClientId)
  ? gatewayRegistration!.outputs.uniqueName
  : ''

@description('Object id of the administrators\' group; empty for none.')
output adminGroupId string = adminGroupId

@description('Key of the administrators\' group in the tenant; empty where none was made.')
output adminGroupUniqueName string = empty(entra.existingClientId) ? registration!.outputs.adminGroupUniqueName : ''

@description('Client id of the development registration; empty for none.')
output developmentClientId string = entra.createDevelopmentRegistration ? developmentRegistration!.outputs.clientId : ''

@description('Identifier URI of the development registration; empty for none.')
output developmentIdentifierUri string = entra.createDevelopmentRegistration
  ? developmentRegistration!.outputs.identifierUri
  : ''

@description('Key of the development registration in the tenant; empty for none.')
output developmentUniqueName string = entra.createDevelopmentRegistration
  ? developmentRegistration!.outputs.uniqueName
  : ''

@description('Client ids of the registrations for clients, each as NAME=ID.')
output registeredClients string[] = [
  for (client, index) in entra.registerClients: '${client.name}=${clientRegistrations[index].outputs.clientId}'
]

@description('Client id of the managed identity.')
output managedIdentityClientId string = identity.outputs.clientId

@description('Object id of the managed identity: the subject of the federated credential.')
output managedIdentityPrincipalId string = identity.outputs.principalId

@description('Endpoint of the Cosmos DB account.')
output cosmosEndpoint string = cosmos.outputs.endpoint

@description('Endpoint of the blob service.')
output blobEndpoint string = storage.outputs.blobEndpoint

@description('Name of the Application Insights component.')
output applicationInsightsName string = monitoring.outputs.applicationInsightsName

@description('Resource id of the Log Analytics workspace.')
output logAnalyticsWorkspaceId string = monitoring.outputs.workspaceId

@description('URL of API Management; empty for none.')
output apiManagementUrl string = apiManagementOptions.deploy ? apiManagement!.outputs.gatewayUrl : ''
