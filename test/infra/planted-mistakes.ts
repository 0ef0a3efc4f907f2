import type { FindingKind } from "./bicep/finding.ts";

/** What a mistake must be found as. */
export interface Expected {
  readonly kind: FindingKind;
  readonly subject: string;
  /** The file that the finding names; the first edit's where it is left out. */
  readonly file?: string;
  /** A text on the line that the finding names. */
  readonly at: string;
}

export interface Edit {
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** A small mistake in the real templates, and all that the checks have to say about it. */
export interface PlantedMistake {
  readonly mistake: string;
  readonly edits: readonly Edit[];
  readonly found: readonly Expected[];
}

const main = "infra/main.bicep";
const parameters = "infra/main.parameters.json";
const inModules = (name: string) => `infra/modules/${name}.bicep`;
const cosmos = inModules("cosmos");
const functionApp = inModules("function-app");
const gatewayApi = inModules("api-management-api");
const identity = inModules("identity");
const monitoring = inModules("monitoring");
const telemetryRole = inModules("telemetry-role");
const network = inModules("network");
const registration = inModules("entra-registration");
const resources = inModules("resources");
const storage = inModules("storage");

function planted(
  mistake: string,
  file: string,
  find: string,
  replace: string,
  ...found: readonly Expected[]
): PlantedMistake {
  return { mistake, edits: [{ file, find, replace }], found };
}

function expected(kind: FindingKind, subject: string, at: string, file?: string): Expected {
  return file === undefined ? { kind, subject, at } : { kind, subject, at, file };
}

const syntaxMistakes = [
  planted(
    "an object that is not closed",
    identity,
    "  tags: tags\n}",
    "  tags: tags\n",
    expected("syntax", identity, "resource identity"),
  ),
  planted(
    "a comma at a line's end",
    identity,
    "  name: name\n",
    "  name: name,\n",
    expected("syntax", identity, "  name: name,"),
  ),
  planted(
    "quotation marks that are not needed",
    identity,
    "  name: name\n",
    "  'name': name\n",
    expected("syntax", identity, "  'name': name"),
  ),
  planted(
    "an operator at the beginning of a line",
    cosmos,
    "var databaseName = 'expenses'",
    "var databaseName = empty(name)\n  ?? 'expenses'",
    expected("syntax", cosmos, "?? 'expenses'"),
  ),
];

const symbolMistakes = [
  planted(
    "a variable that is not declared",
    storage,
    "principalType: deployerPrincipalType",
    "principalType: deployerKind",
    expected("unresolved-symbol", "deployerKind", "principalType: deployerKind"),
    expected("unused-symbol", "deployerPrincipalType", "param deployerPrincipalType"),
  ),
  planted(
    "a function that does not exist",
    registration,
    "guid(uniqueName, 'scope', scopeName)",
    "uuid(uniqueName, 'scope', scopeName)",
    expected("unknown-function", "uuid", "var scopeId"),
  ),
  planted(
    "too many arguments",
    inModules("private-endpoint"),
    "uniqueString(virtualNetworkId)",
    "toLower(virtualNetworkId, 'en')",
    expected("argument-count", "toLower", "toLower(virtualNetworkId"),
  ),
  planted(
    "a decorator that does not exist",
    identity,
    "@minLength(3)",
    "@minimumLength(3)",
    expected("unknown-decorator", "minimumLength", "@minimumLength"),
  ),
  planted(
    "a type that does not exist",
    main,
    "param deployAlerts bool",
    "param deployAlerts boolean",
    expected("unresolved-symbol", "boolean", "param deployAlerts"),
  ),
  planted(
    "a resource that is not inside another",
    network,
    "virtualNetwork::functionSubnet.id",
    "virtualNetwork::functionsSubnet.id",
    expected("unresolved-symbol", "functionsSubnet", "output functionSubnetId"),
    expected("unused-symbol", "functionSubnet", "resource functionSubnet"),
  ),
  planted(
    "a member that a parameter's type does not have",
    resources,
    "deployingPrincipal.dataAccess ?",
    "deployingPrincipal.dataAcess ?",
    expected("unknown-property", "dataAcess", "deployingPrincipal.dataAcess"),
  ),
  planted(
    "a member that no item of a loop has",
    inModules("alerts"),
    "severity: rule.severity",
    "severity: rule.urgency",
    expected("unknown-property", "urgency", "severity: rule.urgency"),
  ),
  planted(
    "a member that the loaded document does not have",
    cosmos,
    "containerDefinition.indexingPolicy",
    "containerDefinition.indexing",
    expected("unknown-property", "indexing", "containerDefinition.indexing"),
    expected("container-definition", "container", "containerDefinition.indexing"),
  ),
  planted(
    "a member that no placeholder has",
    gatewayApi,
    "placeholder.value)",
    "placeholder.text)",
    expected("unknown-property", "text", "placeholder.text"),
  ),
  planted(
    "a member that no resource has",
    monitoring,
    "output applicationInsightsId string = applicationInsights.id",
    "output applicationInsightsId string = applicationInsights.Id",
    expected("unknown-property", "Id", "output applicationInsightsId"),
  ),
  planted(
    "a member of a text",
    identity,
    "identity.properties.clientId",
    "'identity'.properties.clientId",
    expected("unknown-property", "properties", "'identity'.properties"),
  ),
  planted(
    "a member that no module has",
    resources,
    "storage.outputs.deploymentContainerUrl",
    "storage.output.deploymentContainerUrl",
    expected("unknown-property", "output", "storage.output."),
    expected(
      "module-output-unused",
      "deploymentContainerUrl",
      "output deploymentContainerUrl",
      storage,
    ),
  ),
  planted(
    "a member that one item of a loop lacks",
    inModules("dashboard"),
    "query: loadTextContent('dashboard/refusals.kql')",
    "kql: loadTextContent('dashboard/refusals.kql')",
    expected("unknown-property", "query", "panel.query"),
  ),
  planted(
    "a name that is declared twice",
    cosmos,
    "var containerName = 'expenses'",
    "var containerName = 'expenses'\nvar databaseName = 'expenses'",
    expected("duplicate-symbol", "databaseName", "var databaseName"),
  ),
];

const unusedMistakes = [
  planted(
    "a parameter that is not used",
    identity,
    "param name string",
    "param name string\n\n@description('Kind.')\nparam kind string = 'a'",
    expected("unused-symbol", "kind", "param kind"),
  ),
  planted(
    "a variable that is not used",
    cosmos,
    "var databaseName = 'expenses'",
    "var databaseName = 'expenses'\nvar throughput = 400",
    expected("unused-symbol", "throughput", "var throughput"),
  ),
  planted(
    "an existing resource that is not used",
    functionApp,
    "applicationInsights.properties.ConnectionString",
    "applicationInsightsName",
    expected("unused-symbol", "applicationInsights", "resource applicationInsights"),
  ),
  planted(
    "a module output that is not read",
    resources,
    "logAnalyticsWorkspaceId string = monitoring.outputs.workspaceId",
    "logAnalyticsWorkspaceId string = monitoring.outputs.workspaceId\n\n@description('Name.')\noutput environment string = environmentName",
    expected("module-output-unused", "environment", "output environment"),
  ),
  planted(
    "a query that no template loads",
    inModules("alerts"),
    "'alerts/latency.kql'",
    "'alerts/server-errors.kql'",
    expected(
      "unused-file",
      "infra/modules/alerts/latency.kql",
      "",
      "infra/modules/alerts/latency.kql",
    ),
  ),
  planted(
    "a query that is not there",
    inModules("alerts"),
    "'alerts/latency.kql'",
    "'alerts/latencies.kql'",
    expected("loaded-file-missing", "alerts/latencies.kql", "latencies.kql"),
    expected(
      "unused-file",
      "infra/modules/alerts/latency.kql",
      "",
      "infra/modules/alerts/latency.kql",
    ),
  ),
  planted(
    "a parameter without a description",
    monitoring,
    "@description('Days for which logs are kept.')\n",
    "",
    expected("description-missing", "retentionDays", "param retentionDays"),
  ),
];

const deploymentTimeMistakes = [
  planted(
    "a resource that needs itself",
    identity,
    "  tags: tags\n",
    "  tags: union(tags, { self: identity.id })\n",
    expected("cyclic-reference", "identity", "resource identity"),
  ),
  planted(
    "two variables that need each other",
    resources,
    `var authorityHost = 'https://\${split(loginEndpoint, '/')[2]}'`,
    "var authorityHost = take(issuer, 20)",
    expected("unused-symbol", "loginEndpoint", "var loginEndpoint"),
    expected("cyclic-reference", "issuer", "var issuer"),
  ),
  planted(
    "a name that only deployment tells",
    telemetryRole,
    "guid(applicationInsights.id,",
    "guid(applicationInsights.properties.AppId,",
    expected("not-known-at-start", "publisher", "guid(applicationInsights.properties.AppId,"),
  ),
  planted(
    "a condition that only deployment tells",
    resources,
    "= if (observability.alerts) {",
    "= if (!empty(functionApp.outputs.name)) {",
    expected("not-known-at-start", "alerts", "module alerts"),
  ),
  planted(
    "a module read as if it were always there",
    resources,
    "network!.outputs.functionSubnetId",
    "network.outputs.functionSubnetId",
    expected("conditional-access", "network", "network.outputs.functionSubnetId"),
  ),
  planted(
    "a default that refers to a variable",
    cosmos,
    "param location string",
    "param location string = databaseName",
    expected("default-reference", "location", "param location"),
  ),
];

const identityCall = `name: 'id-\${token}'\n    location: location\n    tags: tags`;

const moduleMistakes = [
  planted(
    "a module parameter that is missing",
    resources,
    identityCall,
    `name: 'id-\${token}'\n    location: location`,
    expected("module-parameter-missing", "tags", "module identity"),
  ),
  planted(
    "a module parameter that is unknown",
    resources,
    identityCall,
    `${identityCall}\n    isolation: 'None'`,
    expected("module-parameter-unknown", "isolation", "isolation: 'None'"),
  ),
  planted(
    "a module parameter on the wrong level",
    resources,
    "module identity 'identity.bicep' = {\n",
    "module identity 'identity.bicep' = {\n  location: location\n",
    expected("module-parameter-unknown", "location", "  location: location"),
  ),
  planted(
    "a text where a number belongs",
    resources,
    "retentionDays: observability.logRetentionDays",
    "retentionDays: '30'",
    expected("module-parameter-type", "retentionDays", "retentionDays: '30'"),
  ),
  planted(
    "a text where a member is true or false",
    main,
    "dataAccess: grantDataAccessToDeployer",
    "dataAccess: 'yes'",
    expected("unused-symbol", "grantDataAccessToDeployer", "param grantDataAccessToDeployer"),
    expected("module-parameter-type", "deployingPrincipal", "dataAccess: 'yes'"),
  ),
  planted(
    "a member that a module's parameter lacks",
    main,
    "      principalType: principalType\n",
    "",
    expected("unused-symbol", "principalType", "param principalType"),
    expected("module-parameter-type", "deployingPrincipal", "deployingPrincipal: {"),
  ),
  planted(
    "a value that is not allowed",
    resources,
    "groupId: 'Sql'",
    "groupId: 'sql'",
    expected("module-parameter-type", "groupId", "groupId: 'sql'"),
  ),
  planted(
    "a default of another type than its parameter's",
    main,
    "param logRetentionDays int = 30",
    "param logRetentionDays int = '30'",
    expected("declared-type", "logRetentionDays", "param logRetentionDays"),
    expected("parameters-file", "logRetentionDays", "logRetentionDays", parameters),
  ),
  planted(
    "an output of another type than its value's",
    main,
    "output AZURE_LOCATION string = location",
    "output AZURE_LOCATION bool = location",
    expected("declared-type", "AZURE_LOCATION", "output AZURE_LOCATION"),
  ),
  planted(
    "a module output that does not exist",
    resources,
    "storage.outputs.deploymentContainerUrl",
    "storage.outputs.packageUrl",
    expected("module-output-unknown", "packageUrl", "storage.outputs.packageUrl"),
    expected(
      "module-output-unused",
      "deploymentContainerUrl",
      "output deploymentContainerUrl",
      storage,
    ),
  ),
  planted(
    "a module file that is missing",
    resources,
    "'dashboard.bicep'",
    "'workbook.bicep'",
    expected("module-file-missing", "dashboard", "module dashboard"),
    expected(
      "unused-symbol",
      inModules("dashboard"),
      "metadata description",
      inModules("dashboard"),
    ),
  ),
  planted(
    "a module of another scope without a scope",
    main,
    "  scope: resourceGroup\n",
    "",
    expected("module-scope", "resources", "module resources"),
  ),
];

const parametersFileMistakes = [
  planted(
    "a parameter that no variable sets",
    parameters,
    `    "nodeVersion": { "value": "\${FUNCTION_NODE_VERSION=24}" },\n`,
    "",
    expected("parameters-file-missing-entry", "nodeVersion", "{"),
  ),
  planted(
    "an entry for no parameter",
    parameters,
    `"nodeVersion": {`,
    `"nodeMajor": {`,
    expected("parameters-file-missing-entry", "nodeVersion", "{"),
    expected("parameters-file-unknown-entry", "nodeMajor", "nodeMajor"),
  ),
  planted(
    "a reference that is none",
    parameters,
    `\${FUNCTION_NODE_VERSION=24}`,
    "$FUNCTION_NODE_VERSION",
    expected("parameters-file", "nodeVersion", "nodeVersion"),
  ),
  planted(
    "a default that is not allowed",
    parameters,
    "FUNCTION_NODE_VERSION=24",
    "FUNCTION_NODE_VERSION=20",
    expected("parameters-file", "nodeVersion", "nodeVersion"),
    expected("parameters-file", "nodeVersion", "nodeVersion"),
  ),
  planted(
    "a default of another type",
    parameters,
    "LOG_RETENTION_DAYS=30",
    "LOG_RETENTION_DAYS=month",
    expected("parameters-file", "logRetentionDays", "logRetentionDays"),
  ),
  planted(
    "a default out of bounds",
    parameters,
    "LOG_RETENTION_DAYS=30",
    "LOG_RETENTION_DAYS=7",
    expected("parameters-file", "logRetentionDays", "logRetentionDays"),
    expected("parameters-file", "logRetentionDays", "logRetentionDays"),
  ),
  planted(
    "a default that the template contradicts",
    main,
    "param deployAlerts bool = true",
    "param deployAlerts bool = false",
    expected("parameters-file", "deployAlerts", "deployAlerts", parameters),
  ),
  planted(
    "one variable for two parameters",
    parameters,
    `\${ALLOWED_HOSTS}`,
    `\${ALLOWED_ORIGINS}`,
    expected("parameters-file", "allowedOrigins", "allowedOrigins"),
  ),
  planted(
    "an output that sets a parameter the next time",
    main,
    "output API_MANAGEMENT_GATEWAY_URL",
    "output MCP_PUBLIC_URL",
    expected("output-feeds-back", "MCP_PUBLIC_URL", "output MCP_PUBLIC_URL"),
  ),
];

const resourceMistakes = [
  planted(
    "two resources of one name",
    storage,
    "name: deploymentContainerName",
    "name: keyRingContainerName",
    expected("unused-symbol", "deploymentContainerName", "var deploymentContainerName"),
    expected("resource-name-duplicate", "deploymentContainer", "resource deploymentContainer"),
  ),
  planted(
    "a parent of another type",
    cosmos,
    "  parent: database\n",
    "  parent: account\n",
    expected("resource-parent", "container", "resource container"),
  ),
  planted(
    "a child without a parent",
    cosmos,
    "  parent: database\n",
    "",
    expected("resource-parent", "container", "resource container"),
  ),
  planted(
    "a preview version",
    identity,
    "@2024-11-30'",
    "@2025-01-31-preview'",
    expected("api-version", "identity", "resource identity"),
  ),
  planted(
    "a resource without a name",
    identity,
    "  name: name\n",
    "",
    expected("unused-symbol", "name", "param name"),
    expected("resource-type", "identity", "resource identity"),
  ),
  planted(
    "a property on the wrong level",
    cosmos,
    "  kind: 'GlobalDocumentDB'\n",
    "  kind: 'GlobalDocumentDB'\n  disableLocalAuth: true\n",
    expected("resource-type", "account", "  disableLocalAuth: true"),
  ),
  planted(
    "a resource group of another scope",
    main,
    "targetScope = 'subscription'\n",
    "",
    expected("resource-type", "resourceGroup", "resource resourceGroup"),
  ),
  planted(
    "a version that is none",
    identity,
    "@2024-11-30'",
    "@latest'",
    expected("resource-type", "identity", "resource identity"),
  ),
  planted(
    "a region that is written down",
    identity,
    "  location: location\n",
    "  location: 'westeurope'\n",
    expected("unused-symbol", "location", "param location"),
    expected("location-fixed", "identity", "location: 'westeurope'"),
  ),
  planted(
    "a host of one cloud that is written down",
    resources,
    `'privatelink.blob.\${environment().suffixes.storage}'`,
    "'privatelink.blob.core.windows.net'",
    expected("environment-url-fixed", "core.windows.net", "privatelink.blob.core.windows.net"),
  ),
  planted(
    "a dependency that is there anyway",
    inModules("api-management"),
    "dependsOn: [telemetryRole]",
    "dependsOn: [telemetryRole, service]",
    expected("dependency-unnecessary", "logger", "dependsOn: [telemetryRole, service]"),
  ),
];

const authenticationMistakes = [
  planted(
    "shared keys on",
    storage,
    "allowSharedKeyAccess: false",
    "allowSharedKeyAccess: true",
    expected("shared-keys", "account", "allowSharedKeyAccess: true"),
  ),
  planted(
    "shared keys left to the default",
    storage,
    "    allowSharedKeyAccess: false\n",
    "",
    expected("shared-keys", "account", "resource account"),
  ),
  planted(
    "shared keys by parameter",
    storage,
    "allowSharedKeyAccess: false",
    "allowSharedKeyAccess: privateNetwork",
    expected("shared-keys", "account", "allowSharedKeyAccess: privateNetwork"),
  ),
  {
    mistake: "shared keys on, in a type spelled another way",
    edits: [
      {
        file: storage,
        find: "resource account 'Microsoft.Storage/storageAccounts@",
        replace: "resource account 'Microsoft.Storage/storageaccounts@",
      },
      { file: storage, find: "allowSharedKeyAccess: false", replace: "allowSharedKeyAccess: true" },
    ],
    found: [expected("shared-keys", "account", "allowSharedKeyAccess: true")],
  },
  planted(
    "anonymous blobs allowed",
    storage,
    "allowBlobPublicAccess: false",
    "allowBlobPublicAccess: true",
    expected("public-blobs", "account", "allowBlobPublicAccess: true"),
  ),
  planted(
    "local authentication of Cosmos DB",
    cosmos,
    "disableLocalAuth: true",
    "disableLocalAuth: false",
    expected("local-authentication", "account", "disableLocalAuth: false"),
  ),
  planted(
    "local authentication of Application Insights",
    monitoring,
    "    DisableLocalAuth: true\n",
    "",
    expected("local-authentication", "applicationInsights", "resource applicationInsights"),
  ),
  planted(
    "local authentication of Log Analytics",
    monitoring,
    "disableLocalAuth: true",
    "disableLocalAuth: false",
    expected("local-authentication", "workspace", "disableLocalAuth: false"),
  ),
  planted(
    "a setting that Flex Consumption refuses",
    functionApp,
    "    siteConfig: {\n",
    "    siteConfig: {\n      ftpsState: 'Disabled'\n",
    expected("refused-property", "functionApp", "ftpsState: 'Disabled'"),
  ),
  planted(
    "publishing by FTP on",
    functionApp,
    "  name: 'ftp'\n  properties: {\n    allow: false",
    "  name: 'ftp'\n  properties: {\n    allow: true",
    expected("basic-publishing", "ftpPublishing", "allow: true"),
  ),
  planted(
    "a publishing policy for the other half alone",
    functionApp,
    "name: 'scm'",
    "name: 'ftp'",
    expected("resource-name-duplicate", "scmPublishing", "resource scmPublishing"),
    expected("basic-publishing", "functionApp", "resource functionApp"),
  ),
];

const transportMistakes = [
  planted(
    "TLS 1.0",
    storage,
    "minimumTlsVersion: 'TLS1_2'",
    "minimumTlsVersion: 'TLS1_0'",
    expected("tls", "account", "minimumTlsVersion: 'TLS1_0'"),
  ),
  planted(
    "TLS 1.1",
    functionApp,
    "scmMinTlsVersion: '1.2'",
    "scmMinTlsVersion: '1.1'",
    expected("tls", "functionApp", "scmMinTlsVersion: '1.1'"),
  ),
  planted(
    "http as well",
    functionApp,
    "httpsOnly: true",
    "httpsOnly: false",
    expected("https-only", "functionApp", "httpsOnly: false"),
  ),
  planted(
    "http as well, of the gateway",
    gatewayApi,
    "protocols: ['https']",
    "protocols: ['http', 'https']",
    expected("https-only", "api", "protocols: ['http', 'https']"),
  ),
  planted(
    "the platform's CORS",
    functionApp,
    "    siteConfig: {\n",
    "    siteConfig: {\n      cors: { allowedOrigins: ['*'] }\n",
    expected("platform-cors", "functionApp", "cors: { allowedOrigins"),
  ),
];

const roleMistakes = [
  planted(
    "Contributor",
    storage,
    "'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'",
    "'b24988ac-6180-42a0-ab88-20f7382dd24c'",
    expected("role-not-allowed", "serverRole", "roleDefinitionId: storageBlobDataOwner"),
  ),
  planted(
    "User Access Administrator by way of a variable",
    telemetryRole,
    "'3913510d-42f4-4e42-8a64-420c390055eb'",
    "'18d7d88d-d35e-4fb5-a5c3-7773c20a72d9'",
    expected("role-not-allowed", "publisher", "roleDefinitionId: monitoringMetricsPublisher"),
  ),
  planted(
    "a role on the whole resource group",
    telemetryRole,
    "  scope: applicationInsights\n",
    "",
    expected("role-scope", "publisher", "resource publisher"),
  ),
  planted(
    "the deployer's role on the whole account",
    storage,
    "  scope: keyRingContainer\n",
    "  scope: account\n",
    expected("role-scope", "deployerRole", "scope: account"),
  ),
  planted(
    "another data role of Cosmos DB",
    cosmos,
    "'00000000-0000-0000-0000-000000000002'",
    "'00000000-0000-0000-0000-000000000003'",
    expected("role-not-allowed", "serverRole", "roleDefinitionId: dataContributor.id"),
    expected("role-not-allowed", "deployerRole", "roleDefinitionId: dataContributor.id"),
  ),
  planted(
    "the server's data role on the whole account",
    cosmos,
    `principalId: identityPrincipalId\n    roleDefinitionId: dataContributor.id\n    scope: '\${account.id}/dbs/\${database.name}'`,
    "principalId: identityPrincipalId\n    roleDefinitionId: dataContributor.id\n    scope: account.id",
    expected("role-scope", "serverRole", "scope: account.id"),
  ),
  planted(
    "a role of our own",
    telemetryRole,
    "Microsoft.Authorization/roleAssignments@",
    "Microsoft.Authorization/roleDefinitions@",
    expected("role-not-allowed", "publisher", "resource publisher"),
  ),
  planted(
    "a role without the kind of its principal",
    telemetryRole,
    "    principalType: 'ServicePrincipal'\n",
    "",
    expected("role-principal-type", "publisher", "resource publisher"),
  ),
];

const secretMistakes = [
  planted(
    "a key in an output",
    storage,
    "output id string = account.id",
    "output id string = account.listKeys().keys[0].value",
    expected("secret-read", "listKeys", "output id"),
    expected("secret-read", "keys", "output id"),
  ),
  planted(
    "a key in a setting",
    functionApp,
    "AzureWebJobsStorage__credential: 'managedidentity'",
    "AzureWebJobsStorage__credential: listKeys(plan.id, '2024-11-01').keys[0].value",
    expected("secret-read", "listKeys", "AzureWebJobsStorage__credential"),
    expected("secret-read", "keys", "AzureWebJobsStorage__credential"),
  ),
  planted(
    "a secret parameter in an output",
    identity,
    "param name string",
    "param name string\n\n@secure()\n@description('Key.')\nparam key string = ''\n\n@description('Key.')\noutput copy string = key",
    expected("module-output-unused", "copy", "output copy"),
    expected("secret-exposed", "copy", "output copy"),
  ),
  {
    mistake: "a secret parameter in a setting, by way of a variable",
    edits: [
      {
        file: functionApp,
        find: "AzureWebJobsStorage__credential: 'managedidentity'",
        replace: "AzureWebJobsStorage__credential: key",
      },
      {
        file: functionApp,
        find: "param planName string",
        replace: "param planName string\n\n@secure()\n@description('Key.')\nparam key string = ''",
      },
    ],
    found: [expected("secret-exposed", "functionApp", "resource functionApp")],
  },
  {
    mistake: "a secret parameter for a module that does not know it to be one",
    edits: [
      {
        file: inModules("development-registration"),
        find: "param uniqueName string",
        replace:
          "param uniqueName string\n\n@secure()\n@description('Key.')\nparam key string = ''",
      },
      {
        file: inModules("development-registration"),
        find: "publicUrl: ''",
        replace: "publicUrl: key",
      },
    ],
    found: [expected("secret-exposed", "publicUrl", "publicUrl: key")],
  },
  planted(
    "a connection string that is written down",
    functionApp,
    "'managedidentity'",
    "'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc'",
    expected("secret-literal", "platformSettings", "AccountKey=abc"),
  ),
  planted(
    "a secret that is not marked so",
    cosmos,
    "param location string",
    "param location string\n\n@description('Secret.')\nparam clientSecret string = ''\n\n@description('It.')\noutput it string = clientSecret",
    expected("module-output-unused", "it", "output it"),
    expected("secret-parameter-plain", "clientSecret", "param clientSecret"),
  ),
];

const settingMistakes = [
  planted(
    "a setting under a wrong name",
    resources,
    "ALLOWED_ORIGINS: ",
    "ALLOWED_ORIGIN: ",
    expected("setting-unknown", "ALLOWED_ORIGIN", "ALLOWED_ORIGIN"),
    expected("setting-not-set", "ALLOWED_ORIGINS", "resource functionApp", functionApp),
  ),
  planted(
    "a setting that is not set",
    resources,
    "      APPROVALS: server.approvals\n",
    "",
    expected("setting-not-set", "APPROVALS", "resource functionApp", functionApp),
  ),
  planted(
    "a setting of the platform that is not set",
    functionApp,
    "  AzureWebJobsStorage__credential: 'managedidentity'\n",
    "",
    expected("setting-not-set", "AzureWebJobsStorage__credential", "resource functionApp"),
  ),
  planted(
    "a setting that the plan refuses",
    functionApp,
    "  AzureWebJobsStorage__credential: 'managedidentity'\n",
    "  AzureWebJobsStorage__credential: 'managedidentity'\n  FUNCTIONS_WORKER_RUNTIME: 'node'\n",
    expected("setting-unknown", "FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_WORKER_RUNTIME"),
  ),
];

const nameMistakes = [
  planted(
    "a partition key beside the one definition",
    cosmos,
    "partitionKey: containerDefinition.partitionKey",
    "partitionKey: { paths: ['/userId'], kind: 'Hash' }",
    expected("container-definition", "container", "partitionKey: {"),
  ),
  planted(
    "an indexing policy that is left out",
    cosmos,
    "      indexingPolicy: containerDefinition.indexingPolicy\n",
    "",
    expected("container-definition", "container", "resource: {"),
  ),
  planted(
    "another file than the one definition",
    cosmos,
    "loadJsonContent('../../src/expenses/container.json')",
    "loadJsonContent('../main.parameters.json')",
    expected("unknown-property", "partitionKey", "containerDefinition.partitionKey"),
    expected("unknown-property", "indexingPolicy", "containerDefinition.indexingPolicy"),
    expected("container-definition", "container", "containerDefinition.partitionKey"),
    expected("container-definition", "container", "containerDefinition.indexingPolicy"),
  ),
  planted(
    "another container for the key ring",
    storage,
    "'key-ring'",
    "'keyring'",
    expected("code-name", "account", "resource account"),
    expected("code-name", "lifecycle", "resource lifecycle"),
  ),
  planted(
    "another prefix of used approvals",
    storage,
    "/used-approvals/'",
    "/approvals/'",
    expected("code-name", "lifecycle", "resource lifecycle"),
  ),
  planted(
    "another scope in the registration",
    registration,
    "'user_impersonation'",
    "'access_as_user'",
    expected("code-name", "application", "oauth2PermissionScopes"),
  ),
  planted(
    "an app role that no tool asks for",
    resources,
    "var appRoles = []",
    "var appRoles = [{ value: 'Auditor', displayName: 'Auditor', description: 'Reads.' }]",
    expected("code-name", "application", "appRoles: [", registration),
  ),
  planted(
    "a tool that asks for an app role that is not there",
    "src/expenses/get-expense-stats.ts",
    "policy: { administratorsOnly: true }",
    'policy: { administratorsOnly: true, roles: ["Auditor"] }',
    expected("code-name", "application", "appRoles: [", registration),
  ),
  planted(
    "another path for clients",
    resources,
    "{functionApp.outputs.hostName}/mcp",
    "{functionApp.outputs.hostName}/api/mcp",
    expected("code-name", "MCP_URL", "output MCP_URL", main),
  ),
  planted(
    "another scope for clients",
    resources,
    "/user_impersonation'",
    "/access_as_user'",
    expected("code-name", "MCP_SCOPE", "output MCP_SCOPE", main),
  ),
  planted(
    "another route of the gateway",
    gatewayApi,
    "path: '/health/ready'",
    "path: '/ready'",
    expected("gateway-route", "api", "resource api"),
  ),
];

export const plantedMistakes: readonly PlantedMistake[] = [
  ...syntaxMistakes,
  ...symbolMistakes,
  ...unusedMistakes,
  ...deploymentTimeMistakes,
  ...moduleMistakes,
  ...parametersFileMistakes,
  ...resourceMistakes,
  ...authenticationMistakes,
  ...transportMistakes,
  ...roleMistakes,
  ...secretMistakes,
  ...settingMistakes,
  ...nameMistakes,
];
