metadata description = 'For whom a managed identity\'s token is an application\'s credential, by cloud.'

// https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
@export()
var exchangeAudiences = {
  AzureCloud: 'api://AzureADTokenExchange'
  AzureUSGovernment: 'api://AzureADTokenExchangeUSGov'
  AzureChinaCloud: 'api://AzureADTokenExchangeChina'
}
