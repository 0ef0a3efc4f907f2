/**
 * The functions and decorators that Bicep itself brings, in its namespaces `sys` and `az`, with the
 * fewest and the most arguments that a function takes. Functions that need an experimental feature,
 * or that only a parameters file may call, are left out: the templates do without.
 *
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions
 */
type Arity = readonly [least: number, most: number];

const any = Number.POSITIVE_INFINITY;

const sys: Readonly<Record<string, Arity>> = {
  any: [1, 1],
  array: [1, 1],
  base64: [1, 1],
  base64ToJson: [1, 1],
  base64ToString: [1, 1],
  bool: [1, 1],
  cidrHost: [2, 2],
  cidrSubnet: [3, 3],
  concat: [1, any],
  contains: [2, 2],
  dataUri: [1, 1],
  dataUriToString: [1, 1],
  dateTimeAdd: [2, 3],
  dateTimeFromEpoch: [1, 1],
  dateTimeToEpoch: [1, 1],
  distinct: [1, 1],
  empty: [1, 1],
  endsWith: [2, 2],
  fail: [1, 1],
  filter: [2, 2],
  first: [1, 1],
  flatten: [1, 1],
  format: [1, any],
  groupBy: [2, 3],
  guid: [1, any],
  indexOf: [2, 2],
  int: [1, 1],
  intersection: [2, any],
  items: [1, 1],
  join: [2, 2],
  json: [1, 1],
  last: [1, 1],
  lastIndexOf: [2, 2],
  length: [1, 1],
  loadFileAsBase64: [1, 1],
  loadJsonContent: [1, 3],
  loadTextContent: [1, 2],
  loadYamlContent: [1, 3],
  map: [2, 2],
  mapValues: [2, 2],
  max: [1, any],
  min: [1, any],
  nameof: [1, 1],
  newGuid: [0, 0],
  objectKeys: [1, 1],
  padLeft: [2, 3],
  parseCidr: [1, 1],
  range: [2, 2],
  reduce: [3, 3],
  replace: [3, 3],
  shallowMerge: [1, 1],
  skip: [2, 2],
  sort: [2, 2],
  split: [2, 2],
  startsWith: [2, 2],
  string: [1, 1],
  substring: [2, 3],
  take: [2, 2],
  toLower: [1, 1],
  toObject: [2, 3],
  toUpper: [1, 1],
  trim: [1, 1],
  union: [2, any],
  uniqueString: [1, any],
  uri: [2, 2],
  uriComponent: [1, 1],
  uriComponentToString: [1, 1],
  utcNow: [0, 1],
};

const az: Readonly<Record<string, Arity>> = {
  deployer: [0, 0],
  deployment: [0, 0],
  environment: [0, 0],
  extensionResourceId: [3, any],
  managementGroup: [0, 1],
  managementGroupResourceId: [2, any],
  pickZones: [3, 5],
  providers: [1, 2],
  reference: [1, 3],
  resourceGroup: [0, 2],
  resourceId: [2, any],
  subscription: [0, 1],
  subscriptionResourceId: [2, any],
  tenant: [0, 0],
  tenantResourceId: [2, any],
  toLogicalZone: [3, 3],
  toLogicalZones: [3, 3],
  toPhysicalZone: [3, 3],
  toPhysicalZones: [3, 3],
};

/** `list*` in all its forms (`listKeys`, `listSecrets`, …), of the namespace or of a resource. */
export const listFunction = /^list[A-Z]\w*$/;

const listArity: Arity = [2, 3];

export const namespaceFunctions: Readonly<Record<string, Readonly<Record<string, Arity>>>> = {
  sys,
  az,
};

export function builtInArity(name: string, namespace?: string): Arity | undefined {
  const from = namespace === undefined ? { ...sys, ...az } : (namespaceFunctions[namespace] ?? {});
  if (Object.hasOwn(from, name)) return from[name];
  return namespace !== "sys" && listFunction.test(name) ? listArity : undefined;
}

export const decoratorNames: ReadonlySet<string> = new Set([
  "allowed",
  "batchSize",
  "description",
  "discriminator",
  "export",
  "maxLength",
  "maxValue",
  "metadata",
  "minLength",
  "minValue",
  "sealed",
  "secure",
]);

export const primitiveTypes: ReadonlySet<string> = new Set([
  "any",
  "array",
  "bool",
  "int",
  "object",
  "string",
]);

/** What can be read of a resource or module before anything is deployed. */
export const knownAtStart: ReadonlySet<string> = new Set(["apiVersion", "id", "name", "type"]);

/** The same of a resource in Microsoft Graph, which gives ids itself. */
export const knownAtStartInGraph: ReadonlySet<string> = new Set([
  "apiVersion",
  "type",
  "uniqueName",
]);
