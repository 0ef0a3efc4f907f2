metadata description = 'The MCP server as an API of an API Management service: tokens checked, calls limited, answers streamed.'

@description('Name of the API Management service, in the same resource group.')
param apiManagementName string

@description('The service\'s tier. Consumption has no policy that limits calls by a key: there, the server\'s own limits are the only ones.')
@allowed(['Consumption', 'BasicV2', 'StandardV2'])
param skuName string

@description('Resource id of the service\'s logger.')
param loggerId string

@description('Host name of the function app.')
param functionAppHostName string

@description('The protected resource as clients ask for it: the server\'s MCP_PUBLIC_URL, which ends in /mcp.')
@minLength(4)
param publicUrl string

@description('Client id of the API\'s app registration: the audience of callers\' tokens.')
param clientId string

@description('The scope as clients ask the issuer for it, such as api://expenses/user_impersonation.')
param scope string

@description('Who issues callers\' tokens: the server\'s ENTRA_ISSUER.')
param issuer string

@description('Whether the server has the gateway, whose tokens are its own: the server alone judges them.')
param gateway bool

@description('Where the issuer publishes its keys: its OpenID Connect discovery document.')
param openIdConfigurationUrl string

// Of one person, over all instances of the server, and from one network address.
var callsPerMinutePerCaller = 600
var callsPerMinutePerAddress = 1200

// Every path and method that the server serves; API Management answers others itself, with 404.
var mcpMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
var mcpOperations = [
  for method in mcpMethods: {
    name: 'mcp-${toLower(method)}'
    displayName: 'MCP endpoint (${method})'
    method: method
    path: '/mcp'
  }
]
var publicRoutes = [
  {
    name: 'protected-resource-metadata'
    displayName: 'Protected resource metadata'
    path: '/.well-known/oauth-protected-resource/mcp'
  }
  {
    name: 'protected-resource-metadata-root'
    displayName: 'Protected resource metadata, at the root'
    path: '/.well-known/oauth-protected-resource'
  }
  {
    name: 'health'
    displayName: 'Alive'
    path: '/health'
  }
  {
    name: 'health-ready'
    displayName: 'Ready'
    path: '/health/ready'
  }
]
var gatewayMcpOperations = [
  for method in mcpMethods: {
    name: 'gateway-mcp-${toLower(method)}'
    displayName: 'MCP endpoint of the gateway (${method})'
    method: method
    path: '/gateway/mcp'
  }
]
// None of them is called mcp-post, whose tokens the policy has Entra's keys for.
var gatewayRoutes = [
  {
    name: 'gateway-protected-resource-metadata'
    displayName: 'Protected resource metadata of the gateway'
    path: '/.well-known/oauth-protected-resource/gateway/mcp'
    methods: ['GET', 'HEAD', 'OPTIONS']
  }
  {
    name: 'gateway-metadata'
    displayName: 'Authorization server metadata'
    path: '/.well-known/oauth-authorization-server/gateway'
    methods: ['GET', 'HEAD', 'OPTIONS']
  }
  {
    name: 'gateway-openid-configuration'
    displayName: 'Authorization server metadata, as OpenID Connect has it'
    path: '/gateway/.well-known/openid-configuration'
    methods: ['GET', 'HEAD', 'OPTIONS']
  }
  {
    name: 'gateway-jwks'
    displayName: 'Public keys of access tokens'
    path: '/gateway/jwks'
    methods: ['GET', 'HEAD', 'OPTIONS']
  }
  {
    name: 'gateway-authorize'
    displayName: 'Consent'
    path: '/gateway/authorize'
    methods: ['GET', 'POST']
  }
  {
    name: 'gateway-callback'
    displayName: 'Back from Entra'
    path: '/gateway/callback'
    methods: ['GET']
  }
  {
    name: 'gateway-token'
    displayName: 'Tokens'
    path: '/gateway/token'
    methods: ['POST', 'OPTIONS']
  }
  {
    name: 'gateway-revoke'
    displayName: 'Revocation'
    path: '/gateway/revoke'
    methods: ['POST', 'OPTIONS']
  }
  {
    name: 'gateway-register'
    displayName: 'Registration of clients'
    path: '/gateway/register'
    methods: ['POST', 'OPTIONS']
  }
  {
    name: 'gateway-connections'
    displayName: 'A person\'s connections'
    path: '/gateway/connections'
    methods: ['GET', 'POST']
  }
]
var gatewayOperations = concat(
  gatewayMcpOperations,
  flatten(map(
    gatewayRoutes,
    route =>
      map(route.methods, method => {
        name: '${route.name}-${toLower(method)}'
        displayName: '${route.displayName} (${method})'
        method: method
        path: route.path
      })
  ))
)
var publicOperations = flatten(map(
  publicRoutes,
  route =>
    map(['GET', 'HEAD', 'OPTIONS'], method => {
      name: method == 'GET' ? route.name : '${route.name}-${toLower(method)}'
      displayName: method == 'GET' ? route.displayName : '${route.displayName} (${method})'
      method: method
      path: route.path
    })
))

var limited = skuName != 'Consumption'
var limitByAddress = replace(
  loadTextContent('api-management/limit-by-address.xml'),
  '{calls}',
  string(callsPerMinutePerAddress)
)
var limitByCaller = replace(
  loadTextContent('api-management/limit-by-caller.xml'),
  '{calls}',
  string(callsPerMinutePerCaller)
)
var elements = [
  { name: '{limitByAddress}', value: limited ? limitByAddress : '' }
  { name: '{limitByCaller}', value: limited ? limitByCaller : '' }
]
var texts = [
  { name: '{openIdConfigurationUrl}', value: openIdConfigurationUrl }
  { name: '{clientId}', value: clientId }
  { name: '{issuer}', value: issuer }
  { name: '{scope}', value: scope }
  { name: '{resourceMetadataUrl}', value: '${publicOrigin}/.well-known/oauth-protected-resource/mcp' }
]
var publicOrigin = substring(publicUrl, 0, length(publicUrl) - length('/mcp'))
// As texts of XML, so that no parameter can become an element of the policy, or an attribute.
var escapedTexts = map(texts, text => {
  name: text.name
  value: replace(replace(replace(replace(text.value, '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;')
})
var policy = reduce(
  concat(elements, escapedTexts),
  loadTextContent('api-management/policy.xml'),
  (text, placeholder) => replace(text, placeholder.name, placeholder.value)
)

resource service 'Microsoft.ApiManagement/service@2024-05-01' existing = {
  name: apiManagementName
}

resource api 'Microsoft.ApiManagement/service/apis@2024-05-01' = {
  parent: service
  name: 'mcp-server'
  properties: {
    displayName: 'MCP server'
    description: 'The server\'s own paths: /mcp, its discovery documents and its health.'
    // At the root, since clients look for the discovery documents at the root of the host (RFC 9728).
    path: ''
    protocols: ['https']
    // The function app stays reachable by its own name, since the gateways of these tiers have no
    // addresses of their own to restrict it to. It verifies every token itself, and limits what a person
    // may send: whoever goes around escapes the limit by address alone.
    serviceUrl: 'https://${functionAppHostName}'
    type: 'http'
    // The access token is the credential.
    subscriptionRequired: false
  }
}

// One thing after another: the API refuses a change while it is being changed.
@batchSize(1)
resource operations 'Microsoft.ApiManagement/service/apis/operations@2024-05-01' = [
  for operation in concat(mcpOperations, publicOperations, gateway ? gatewayOperations : []): {
    parent: api
    name: operation.name
    properties: {
      displayName: operation.displayName
      method: operation.method
      urlTemplate: operation.path
    }
  }
]

resource apiPolicy 'Microsoft.ApiManagement/service/apis/policies@2024-05-01' = {
  parent: api
  name: 'policy'
  properties: {
    format: 'xml'
    value: policy
  }
  dependsOn: [operations]
}

// No header, so no Authorization either, and no byte of a body: that would also hold streams up.
var nothingOfMessages = {
  request: {
    headers: []
    body: {
      bytes: 0
    }
  }
  response: {
    headers: []
    body: {
      bytes: 0
    }
  }
}

resource diagnostics 'Microsoft.ApiManagement/service/apis/diagnostics@2024-05-01' = {
  parent: api
  name: 'applicationinsights'
  properties: {
    loggerId: loggerId
    alwaysLog: 'allErrors'
    sampling: {
      samplingType: 'fixed'
      percentage: 100
    }
    frontend: nothingOfMessages
    backend: nothingOfMessages
    logClientIp: false
    httpCorrelationProtocol: 'W3C'
    verbosity: 'error'
    operationNameFormat: 'Name'
  }
  dependsOn: [apiPolicy]
}
