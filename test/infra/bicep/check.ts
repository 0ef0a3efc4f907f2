import { type CodeNames, checkCodeNames } from "./code-names.ts";
import { checkDeclaredTypes } from "./declared-types.ts";
import { checkDeploymentTime } from "./deployment-time.ts";
import type { Finding } from "./finding.ts";
import { checkLoadedFiles } from "./loaded-files.ts";
import { checkModules } from "./modules.ts";
import { checkParametersFile } from "./parameters-file.ts";
import { checkPolicies } from "./policies.ts";
import { type Files, projectOf } from "./project.ts";
import { checkProperties } from "./properties.ts";
import { checkReferences } from "./references.ts";
import { checkResources } from "./resources.ts";
import { checkRoles } from "./roles.ts";
import { checkGatewayRoutes } from "./routes.ts";
import { checkSecrets } from "./secrets.ts";
import { checkSettings } from "./settings.ts";
import { checkSymbols } from "./symbols.ts";

/** What the templates are held against. */
export interface Code extends CodeNames {
  /** Every environment variable that the server reads. */
  readonly settingNames: readonly string[];
}

/** Everything that the checks find wrong with one state of the infrastructure. */
export function checkInfrastructure(files: Files, code: Code): Finding[] {
  const project = projectOf(files);
  // What cannot be read would only look like everything else missing.
  if (project.findings.length > 0) return [...project.findings];
  return [
    ...checkSymbols(project),
    ...checkReferences(project),
    ...checkProperties(project),
    ...checkDeploymentTime(project),
    ...checkModules(project),
    ...checkDeclaredTypes(project),
    ...checkParametersFile(project),
    ...checkLoadedFiles(project),
    ...checkResources(project),
    ...checkPolicies(project),
    ...checkRoles(project),
    ...checkSecrets(project),
    ...checkSettings(project, code.settingNames),
    ...checkCodeNames(project, code),
    ...checkGatewayRoutes(project),
  ];
}
