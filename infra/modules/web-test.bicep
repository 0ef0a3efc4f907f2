metadata description = 'A test, from outside, of whether the server is ready, and an alert if it is not.'

@description('Name of the test and of the alert.')
param name string

@description('Region of the test: that of Application Insights.')
param location string

@description('Tags of the resources.')
param tags { *: string }

@description('Resource id of the Application Insights component that keeps the results.')
param applicationInsightsId string

@description('What is asked for: 200 means ready.')
param url string

@description('Resource id of the action group that is told; empty for no alert.')
param actionGroupId string

// Names of the public cloud: https://learn.microsoft.com/azure/azure-monitor/app/availability#location-population-tags
var locations = ['emea-nl-ams-azr', 'us-va-ash-azr', 'apac-sg-sin-azr']

resource test 'Microsoft.Insights/webtests@2022-06-15' = {
  name: name
  location: location
  tags: union(tags, { 'hidden-link:${applicationInsightsId}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: name
    Name: 'MCP server ready'
    Enabled: true
    Kind: 'standard'
    Frequency: 900
    // A cold start may take this long.
    Timeout: 30
    RetryEnabled: true
    Locations: [for id in locations: { Id: id }]
    Request: {
      RequestUrl: url
      HttpVerb: 'GET'
      ParseDependentRequests: false
    }
    ValidationRules: {
      ExpectedHttpStatusCode: 200
      SSLCheck: true
      SSLCertRemainingLifetimeCheck: 14
    }
  }
}

resource alert 'Microsoft.Insights/metricAlerts@2018-03-01' = if (!empty(actionGroupId)) {
  name: name
  location: 'global'
  tags: tags
  properties: {
    description: 'The server is not ready, asked from outside.'
    severity: 1
    enabled: true
    scopes: [test.id, applicationInsightsId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT30M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: test.id
      componentId: applicationInsightsId
      failedLocationCount: 2
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}
