metadata description = 'An identity-aware MCP server on Azure Functions, and everything it needs, without a secret.'

targetScope = 'subscription'

@description('Name of the environment: several may stand side by side in one subscription.')
@minLength(1)
@maxLength(64)
param environmentName string

// Those of the public cloud that have the Flex Consumption plan; azd offers no other. For newer ones:
// az functionapp list-flexconsumption-locations
@description('Azure region of everything; it must have the Flex Consumption plan.')
@allowed([
  'australiaeast'
  'australiasoutheast'
  'brazilsouth'
  'canadacentral'
  'centralindia'
  'centralus'
  'eastasia'
  'eastus'
  'eastus2'
  'francecentral'
  'germanywestcentral'
  'italynorth'
  'japaneast'
  'koreacentral'
  'northcentralus'
  'northeurope'
  'norwayeast'
  'southafricanorth'
  'southcentralus'
  'southeastasia'
  'southindia'
  'spaincentral'
  'swedencentral'
  'uaenorth'
  'uksouth'
  'ukwest'
  'westcentralus'
  'westeurope'
  'westus'
  'westus2'
  'westus3'
])
@metadata({
  azd: {
    type: 'location'
  }
})
param location string

@description('Further tags of everything, as name=value, separated by commas.')
param resourceTags string = ''

@description('Object id of who deploys; empty for nobody.')
param principalId string = ''

@description('What principalId is.')
@allowed([
  'User'
  'ServicePrincipal'
])
param principalType string = 'User'

@description('Whether who deploys may read and write the data and the key ring too, to run the server locally against them.')
param grantDataAccessToDeployer bool = false

@description('Whether server, storage and data are spread over the region\'s availability zones. Choose before the first deployment.')
param zoneRedundant bool = false

@description('How far back the data can be restored. Changes later, and the longer one costs.')
@allowed([
  'Continuous7Days'
  'Continuous30Days'
])
param cosmosBackupTier string = 'Continuous7Days'

@description('Major version of Node.js.')
@allowed([
  '22'
  '24'
])
param nodeVersion string = '24'

@description('Memory of an instance in MB; processor and network come in proportion.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int = 2048

@description('Instances at most.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 100

@description('Instances that are always running, billed whether used or not.')
@minValue(0)
@maxValue(1000)
param alwaysReadyInstances int = 0

@description('Requests that one instance handles at the same time; unset, the platform\'s default for its memory.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int?

@description('The MCP endpoint exactly as clients ask for it. Empty: the function app\'s own host name, or API Management\'s where that is in front.')
param mcpPublicUrl string = ''

@description('Further host names that are this server, separated by commas.')
param allowedHosts string = ''

@description('Browser origins that may call, separated by commas.')
param allowedOrigins string = ''

@description('Client ids of the applications that may call, separated by commas; empty for any that gets a token.')
param allowedClientIds string = ''

@description('Whether AI agents may call through user accounts of their own, which no person signs in to.')
param allowAgentUsers bool = false

@description('How calls that need approval get it; empty for the server\'s default.')
@allowed([
  ''
  'any'
  'strict'
])
param approvals string = ''

@description('JSON-RPC messages that one person may send in a minute, on each instance; 0 for no limit, unset for the server\'s default.')
@minValue(0)
@maxValue(1000000)
param rateLimitPerCaller int?

@description('Requests that may come from one network address in a minute, on each instance; 0 for no limit, unset for the server\'s default.')
@minValue(0)
@maxValue(1000000)
param rateLimitPerAddress int?

@description('Hops in front of the server that append to X-Forwarded-For; unset, the server\'s default, and one more with API Management.')
@minValue(0)
@maxValue(10)
param trustedProxyHops int?

@description('The settings of the domain, by name; empty for their defaults.')
param domainSettings { *: string } = {}

@description('Identifier URIs that the registration has beside the api:// one, separated by commas. The hooks read them from the registration and write them here.')
param acceptedIdentifierUris string = ''

@description('Which of the registration\'s identifier URIs the scope begins with; empty for the api:// one.')
param scopeIdentifierUri string = ''

@description('Applications whose users see no consent screen, separated by commas: names of infra/clients.json, or client ids. What such an application is given, anybody who is signed in with it has: name no general tool without need.')
param preAuthorizedClients string = 'vscode'

@description('Clients to make registrations for, separated by commas: names of infra/clients.json, or NAME=CALLBACK, for each callback that is known only afterwards.')
param registerClients string = ''

@description('Client id of an existing app registration: none is made then.')
param existingClientId string = ''

@description('Identifier URI of the existing app registration; empty for api://{client id}.')
param existingIdentifierUri string = ''

@description('Object id of the group whose members are administrators; empty for none.')
param adminGroupId string = ''

@description('Whether to make a group of administrators, with who deploys as its first member. Without effect where adminGroupId or existingClientId is given.')
param createAdminGroup bool = false

@description('Whether only people who are assigned to the application may sign in. False leaves it as it is.')
param assignmentRequired bool = false

@description('What the tenant\'s policy asks registrations to name of the service management system; empty for nothing.')
param serviceManagementReference string = ''

@description('Whether to consent to the delegated Graph permissions for everybody in the tenant, which takes an administrator of applications.')
param grantAdminConsent bool = false

@description('Whether to make a second registration, for `func start` on a developer\'s machine.')
param createDevelopmentRegistration bool = false

@description('Whether the server has the gateway: a session held by the server, for clients that Entra does not let in.')
@allowed([
  'off'
  'on'
])
param gateway string = 'off'

@description('Client id of an existing registration for the gateway, not the API\'s: none is made then. Needed with existingClientId.')
param existingGatewayClientId string = ''

@description('Whether clients may register themselves with the gateway.')
@allowed([
  'off'
  'on'
])
param gatewayRegistration string = 'off'

@description('Clients of the gateway that are known beforehand, separated by commas, each as ID=REDIRECT_URI with further URIs after spaces.')
param gatewayClients string = ''

@description('Hosts whose client documents the gateway accepts, separated by commas; .contoso.com for all below contoso.com; empty for any.')
param gatewayClientDomains string = ''

@description('Schemes of redirect URIs that the gateway accepts beside https and loopback http, separated by commas.')
param gatewayRedirectSchemes string = ''

@description('Days after which a connection through the gateway ends that is not used.')
@minValue(1)
@maxValue(365)
param gatewayIdleDays int = 14

@description('Days after which every connection through the gateway ends.')
@minValue(1)
@maxValue(365)
param gatewayAbsoluteDays int = 90

@description('Whether storage and data are reached through a virtual network alone.')
param virtualNetwork bool = false

@description('Address range of the virtual network, CIDR, a /25 or larger. Choose one that overlaps no network it is peered with.')
param virtualNetworkAddressPrefix string = '10.30.0.0/24'

@description('Resource id of the resource group that has the company\'s private DNS zones, in whatever subscription; empty to make zones for this network alone.')
param privateDnsZoneResourceGroupId string = ''

@description('Days for which logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('Address that alerts are mailed to; empty for no alerts.')
param alertEmail string = ''

@description('Whether to keep every log that Azure has of the function app, and API Management\'s. They hold callers\' addresses.')
param resourceLogs bool = false

@description('Whether Azure asks the server from three continents, every 15 minutes, whether it is ready; with alertEmail, an alert tells when it is not.')
param deployWebTest bool = false

@description('What the resource group may cost in a month, in the subscription\'s currency; 0 for no budget.')
@minValue(0)
param monthlyBudget int = 0

@description('The month from which the budget counts, as YYYY-MM-01; needed with monthlyBudget. Azure lets nobody change it.')
param budgetStart string = ''

@description('Whether to make a workbook over requests, tools, callers, refusals, exchanges and charges.')
param deployDashboard bool = true

@description('Whether to put API Management in front of the server.')
param deployApiManagement bool = false

@description('Tier of API Management.')
@allowed([
  'Consumption'
  'BasicV2'
  'StandardV2'
])
param apiManagementSku string = 'BasicV2'

@description('Whom Azure writes to about API Management; needed with it.')
param publisherEmail string = ''

@description('The organisation that API Management says it belongs to; needed with it.')
param publisherName string = ''

var furtherTags = map(filter(split(resourceTags, ','), tag => !empty(trim(tag))), tag => split(tag, '='))
var tags = union(
  toObject(furtherTags, parts => trim(parts[0]), parts => trim(join(skip(parts, 1), '='))),
  // By this one azd finds what is the environment's.
  { 'azd-env-name': environmentName }
)

// A URL that the server is not at would only be noticed by clients, each in its own way.
var isPublicUrlServed = startsWith(mcpPublicUrl, 'https://') && skip(split(mcpPublicUrl, '/'), 3) == ['mcp']
var publicUrl = empty(mcpPublicUrl) || isPublicUrlServed
  ? mcpPublicUrl
  : fail('MCP_PUBLIC_URL must be an https URL with the path /mcp, such as https://mcp.contoso.com/mcp.')

var clients = loadJsonContent('clients.json')

var clientIds = map(
  filter(map(split(preAuthorizedClients, ','), client => trim(client)), client => !empty(client)),
  client =>
    contains(clients.preAuthorizable, client)
      ? clients.preAuthorizable[client].clientId
      // A GUID, whose digits Entra checks.
      : map(split(client, '-'), part => length(part)) == [8, 4, 4, 4, 12]
          ? client
          : fail('PRE_AUTHORIZED_CLIENTS: ${client} is neither a client id nor one of ${join(objectKeys(clients.preAuthorizable), ', ')}. Claude, ChatGPT and others need a registration of their own: REGISTER_CLIENTS.')
)

var registerEntries = map(
  filter(map(split(registerClients, ','), entry => trim(entry)), entry => !empty(entry)),
  entry => {
    name: trim(split(entry, '=')[0])
    callback: trim(join(skip(split(entry, '='), 1), '='))
  }
)
// Entra takes wildcards from templates, and sends people to whatever fits.
var misleading = ['*', '@', '#', '\\', '"', '\'', ' ', '$', '`']
var refusedCallbacks = filter(
  filter(map(registerEntries, entry => entry.callback), callback => !empty(callback)),
  callback =>
    !contains(callback, '://') || length(filter(misleading, part => contains(callback, part))) > 0 || startsWith(
      toLower(callback),
      'http:'
    ) && !contains(['localhost', '127.0.0.1'], split(split('${callback}//', '/')[2], ':')[0])
)
var clientsToRegister = map(union(map(registerEntries, entry => entry.name), []), name => {
  name: !contains(clients.registrable, name)
    ? fail('REGISTER_CLIENTS: ${name} is none of ${join(objectKeys(clients.registrable), ', ')}.')
    : empty(existingClientId)
        ? name
        : fail('REGISTER_CLIENTS is for a registration that is made here. With ENTRA_CLIENT_ID, set it to "" and run: npm run register-client -- ${name}')
  callbacks: empty(refusedCallbacks)
    ? map(filter(registerEntries, entry => entry.name == name && !empty(entry.callback)), entry => entry.callback)
    : fail('REGISTER_CLIENTS: ${join(refusedCallbacks, ', ')} cannot be a callback. One is the URL that the client shows: https, or http for localhost alone, without a wildcard, a user or a fragment.')
})

// The server would not start with either.
var gatewayClientId = gateway == 'on' && !empty(existingClientId) && empty(existingGatewayClientId)
  ? fail('GATEWAY=on with ENTRA_CLIENT_ID needs GATEWAY_CLIENT_ID: the client id of a second registration, which signs people in for the gateway (docs/registration.md).')
  : !empty(existingGatewayClientId) && toLower(existingGatewayClientId) == toLower(existingClientId)
      ? fail('GATEWAY_CLIENT_ID must be a registration of its own, not that of ENTRA_CLIENT_ID.')
      : existingGatewayClientId
var idleDays = gatewayIdleDays > gatewayAbsoluteDays
  ? fail('GATEWAY_IDLE_DAYS must not be more than GATEWAY_ABSOLUTE_DAYS.')
  : gatewayIdleDays

resource resourceGroup 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module resources 'modules/resources.bicep' = {
  scope: resourceGroup
  params: {
    environmentName: environmentName
    token: uniqueString(subscription().id, environmentName, location)
    location: location
    tags: tags
    deployingPrincipal: {
      principalId: principalId
      principalType: principalType
      dataAccess: grantDataAccessToDeployer
    }
    zoneRedundant: zoneRedundant
    cosmosBackupTier: cosmosBackupTier
    hosting: {
      nodeVersion: nodeVersion
      instanceMemoryMB: instanceMemoryMB
      maximumInstanceCount: maximumInstanceCount
      alwaysReadyInstances: alwaysReadyInstances
      httpConcurrency: httpConcurrency
    }
    server: {
      publicUrl: publicUrl
      allowedHosts: allowedHosts
      allowedOrigins: allowedOrigins
      allowedClientIds: allowedClientIds
      allowAgentUsers: allowAgentUsers
      approvals: approvals
      rateLimitPerCaller: rateLimitPerCaller
      rateLimitPerAddress: rateLimitPerAddress
      trustedProxyHops: trustedProxyHops
      domainSettings: domainSettings
    }
    entra: {
      acceptedIdentifierUris: filter(
        map(split(acceptedIdentifierUris, ','), identifierUri => trim(identifierUri)),
        identifierUri => !empty(identifierUri)
      )
      scopeIdentifierUri: trim(scopeIdentifierUri)
      preAuthorizedClientIds: clientIds
      registerClients: clientsToRegister
      existingClientId: existingClientId
      existingIdentifierUri: existingIdentifierUri
      adminGroupId: adminGroupId
      createAdminGroup: createAdminGroup
      grantAdminConsent: grantAdminConsent
      createDevelopmentRegistration: createDevelopmentRegistration
      assignmentRequired: assignmentRequired
      serviceManagementReference: serviceManagementReference
    }
    gateway: {
      enabled: gateway == 'on'
      existingClientId: gatewayClientId
      registration: gatewayRegistration
      clients: gatewayClients
      clientDomains: gatewayClientDomains
      redirectSchemes: gatewayRedirectSchemes
      idleDays: idleDays
      absoluteDays: gatewayAbsoluteDays
    }
    virtualNetwork: virtualNetwork
    virtualNetworkAddressPrefix: virtualNetworkAddressPrefix
    privateDnsZoneResourceGroupId: privateDnsZoneResourceGroupId
    observability: {
      logRetentionDays: logRetentionDays
      alertEmail: alertEmail
      resourceLogs: resourceLogs
      webTest: deployWebTest
      monthlyBudget: monthlyBudget
      budgetStart: budgetStart
      dashboard: deployDashboard
    }
    apiManagementOptions: {
      deploy: deployApiManagement
      skuName: apiManagementSku
      publisherEmail: publisherEmail
      publisherName: publisherName
    }
  }
}

// azd keeps the outputs as environment variables, beside those that feed the parameters. But for the region,
// none has the name of a parameter's variable: the next deployment would be given what this one found.

@description('Azure region of everything.')
output AZURE_LOCATION string = location

@description('The tenant that people sign in to.')
output AZURE_TENANT_ID string = tenant().tenantId

@description('Name of the resource group.')
output AZURE_RESOURCE_GROUP string = resourceGroup.name

@description('Name of the function app.')
output SERVICE_MCP_NAME string = resources.outputs.functionAppName

@description('Host name of the function app.')
output SERVICE_MCP_HOST_NAME string = resources.outputs.functionAppHostName

@description('The MCP endpoint as clients ask for it.')
output MCP_URL string = resources.outputs.mcpUrl

@description('The gateway\'s MCP endpoint as clients ask for it; empty where it is off.')
output GATEWAY_URL string = resources.outputs.gatewayUrl

@description('The scope that clients ask for.')
output MCP_SCOPE string = resources.outputs.scope

@description('Client id of the registration.')
output ENTRA_APPLICATION_CLIENT_ID string = resources.outputs.clientId

@description('Identifier URI of the registration that the scope begins with.')
output ENTRA_APPLICATION_IDENTIFIER_URI string = resources.outputs.identifierUri

@description('Key of the registration in the tenant; empty if it existed before.')
output ENTRA_APPLICATION_UNIQUE_NAME string = resources.outputs.registrationUniqueName

@description('Client id of the gateway\'s registration; empty where it is off.')
output ENTRA_GATEWAY_CLIENT_ID string = resources.outputs.gatewayClientId

@description('Key of the gateway\'s registration in the tenant; empty if it existed before, or there is none.')
output ENTRA_GATEWAY_UNIQUE_NAME string = resources.outputs.gatewayUniqueName

@description('Object id of the administrators\' group; empty for none.')
output ENTRA_ADMINISTRATORS_GROUP_ID string = resources.outputs.adminGroupId

@description('Key of the administrators\' group in the tenant; empty if it existed before, or there is none.')
output ENTRA_ADMINISTRATORS_GROUP_UNIQUE_NAME string = resources.outputs.adminGroupUniqueName

@description('Client id of the development registration; empty for none.')
output ENTRA_DEVELOPMENT_CLIENT_ID string = resources.outputs.developmentClientId

@description('Identifier URI of the development registration; empty for none.')
output ENTRA_DEVELOPMENT_IDENTIFIER_URI string = resources.outputs.developmentIdentifierUri

@description('Key of the development registration in the tenant; empty for none.')
output ENTRA_DEVELOPMENT_UNIQUE_NAME string = resources.outputs.developmentUniqueName

@description('Client ids of the registrations for clients, as NAME=ID, separated by commas; empty for none.')
output REGISTERED_CLIENTS string = join(resources.outputs.registeredClients, ',')

@description('Callbacks that REGISTER_CLIENTS has named for them, as NAME=CALLBACK, separated by commas; empty for none.')
output REGISTERED_CALLBACKS string = join(
  flatten(map(clientsToRegister, client => map(client.callbacks, callback => '${client.name}=${callback}'))),
  ','
)

@description('Client id of the managed identity.')
output MANAGED_IDENTITY_CLIENT_ID string = resources.outputs.managedIdentityClientId

@description('Object id of the managed identity: the subject of the federated credential.')
output MANAGED_IDENTITY_PRINCIPAL_ID string = resources.outputs.managedIdentityPrincipalId

@description('Endpoint of the Cosmos DB account.')
output COSMOS_ACCOUNT_ENDPOINT string = resources.outputs.cosmosEndpoint

@description('Endpoint of the blob service.')
output STORAGE_ACCOUNT_BLOB_ENDPOINT string = resources.outputs.blobEndpoint

@description('Name of the Application Insights component.')
output APPLICATION_INSIGHTS_NAME string = resources.outputs.applicationInsightsName

@description('Resource id of the Log Analytics workspace.')
output LOG_ANALYTICS_WORKSPACE_ID string = resources.outputs.logAnalyticsWorkspaceId

@description('URL of API Management; empty for none.')
output API_MANAGEMENT_GATEWAY_URL string = resources.outputs.apiManagementUrl
