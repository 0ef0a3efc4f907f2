/**
 * Every behaviour that this project promises, as data. A test cites the ids it shows by building
 * its title with {@link verifies}; the run fails when an id has no passing test, and type checking
 * fails when a test cites an id that is not here.
 */
import { approvalsRequirements } from "./requirements/approvals.ts";
import { authsuiteRequirements } from "./requirements/authsuite.ts";
import { benchRequirements } from "./requirements/bench.ts";
import { bridgeRequirements } from "./requirements/bridge.ts";
import { bridgeProgramRequirements } from "./requirements/bridge-program.ts";
import { bridgeSignInRequirements } from "./requirements/bridge-sign-in.ts";
import { clientDocumentsRequirements } from "./requirements/client-documents.ts";
import { clientsRequirements } from "./requirements/clients.ts";
import { commandsRequirements } from "./requirements/commands.ts";
import { configurationRequirements } from "./requirements/configuration.ts";
import { conformanceRequirements } from "./requirements/conformance.ts";
import { deploymentRequirements } from "./requirements/deployment.ts";
import { doctorRequirements } from "./requirements/doctor.ts";
import { domainRequirements } from "./requirements/domain.ts";
import { expensesRequirements } from "./requirements/expenses.ts";
import { extendingRequirements } from "./requirements/extending.ts";
import { functionsHostRequirements } from "./requirements/functions-host.ts";
import { gatewayRequirements } from "./requirements/gateway.ts";
import { gatewayAttacksRequirements } from "./requirements/gateway-attacks.ts";
import { gatewayClientsRequirements } from "./requirements/gateway-clients.ts";
import { gatewayConnectionsRequirements } from "./requirements/gateway-connections.ts";
import { gatewayInfrastructureRequirements } from "./requirements/gateway-infrastructure.ts";
import { gatewaySignInRequirements } from "./requirements/gateway-sign-in.ts";
import { gatewayStoreRequirements } from "./requirements/gateway-store.ts";
import { gatewayTokensRequirements } from "./requirements/gateway-tokens.ts";
import { gatewayUpstreamRequirements } from "./requirements/gateway-upstream.ts";
import { graphRequirements } from "./requirements/graph.ts";
import { httpRequirements } from "./requirements/http.ts";
import { identityRequirements } from "./requirements/identity.ts";
import { infrastructureRequirements } from "./requirements/infrastructure.ts";
import { infrastructureQueriesRequirements } from "./requirements/infrastructure-queries.ts";
import { keysRequirements } from "./requirements/keys.ts";
import { localAuthorityRequirements } from "./requirements/local-authority.ts";
import { localServicesRequirements } from "./requirements/local-services.ts";
import { mcpRequirements } from "./requirements/mcp.ts";
import { onBehalfRequirements } from "./requirements/onbehalf.ts";
import { boundsRequirements } from "./requirements/product-bounds.ts";
import { erasureRequirements } from "./requirements/product-erasure.ts";
import { productExpensesRequirements } from "./requirements/product-expenses.ts";
import { filesRequirements, receiptsRequirements } from "./requirements/product-files.ts";
import { floorRequirements } from "./requirements/product-floor.ts";
import { handlesRequirements } from "./requirements/product-handles.ts";
import { productStatementsRequirements } from "./requirements/product-statements.ts";
import { productSumsRequirements } from "./requirements/product-sums.ts";
import { tourRequirements } from "./requirements/product-tour.ts";
import { viewRequirements } from "./requirements/product-view.ts";
import { registerClientRequirements } from "./requirements/register-client.ts";
import type { Requirement, Requirements } from "./requirements/requirement.ts";
import { securityRequirements } from "./requirements/security.ts";
import { storageRequirements } from "./requirements/storage.ts";
import { systemRequirements } from "./requirements/system.ts";

const lists = [
  authsuiteRequirements,
  benchRequirements,
  bridgeRequirements,
  bridgeSignInRequirements,
  bridgeProgramRequirements,
  clientDocumentsRequirements,
  clientsRequirements,
  commandsRequirements,
  configurationRequirements,
  conformanceRequirements,
  doctorRequirements,
  identityRequirements,
  httpRequirements,
  mcpRequirements,
  domainRequirements,
  expensesRequirements,
  erasureRequirements,
  boundsRequirements,
  extendingRequirements,
  productExpensesRequirements,
  registerClientRequirements,
  productSumsRequirements,
  viewRequirements,
  productStatementsRequirements,
  tourRequirements,
  approvalsRequirements,
  keysRequirements,
  handlesRequirements,
  floorRequirements,
  onBehalfRequirements,
  graphRequirements,
  localAuthorityRequirements,
  localServicesRequirements,
  functionsHostRequirements,
  securityRequirements,
  storageRequirements,
  filesRequirements,
  receiptsRequirements,
  systemRequirements,
  deploymentRequirements,
  infrastructureRequirements,
  infrastructureQueriesRequirements,
  gatewayRequirements,
  gatewayAttacksRequirements,
  gatewayClientsRequirements,
  gatewayConnectionsRequirements,
  gatewayInfrastructureRequirements,
  gatewaySignInRequirements,
  gatewayStoreRequirements,
  gatewayTokensRequirements,
  gatewayUpstreamRequirements,
] as const;

export const requirements: readonly Requirement[] = lists.flatMap((list: Requirements) =>
  Object.entries(list).flatMap(([source, promised]) =>
    Object.entries(promised).map(([id, what]) => ({ id, what, source })),
  ),
);

type IdsOf<List> = List extends Requirements
  ? { [Source in keyof List]: keyof List[Source] }[keyof List] & string
  : never;

export type RequirementId = IdsOf<(typeof lists)[number]>;

/**
 * A test title that cites the requirements it shows.
 *
 * @example it(verifies("token.expired", "refuses a token past its lifetime"), async () => { … })
 */
export function verifies(ids: RequirementId | readonly RequirementId[], title: string): string {
  const cited = typeof ids === "string" ? [ids] : ids;
  return `${title} [${cited.join(", ")}]`;
}
