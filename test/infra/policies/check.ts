import type { Infrastructure } from "../bicep/infrastructure.ts";
import { checkApiManagement } from "./api-management.ts";
import type { Finding } from "./finding.ts";
import { checkLogs, checkQueries } from "./monitoring.ts";
import { checkNames } from "./names.ts";
import { checkOptions } from "./options.ts";
import { checkOrder } from "./order.ts";
import { checkParametersFile } from "./parameters-file.ts";
import { checkResources } from "./resources.ts";
import { checkRoles } from "./roles.ts";
import { checkSecrets } from "./secrets.ts";
import { checkSettings } from "./settings.ts";
import { checkUse } from "./use.ts";

/** Everything that this project's own policies, beside the compiler, find wrong. */
export function checkInfrastructure(infrastructure: Infrastructure): Finding[] {
  return [
    checkUse,
    checkParametersFile,
    checkResources,
    checkOrder,
    checkRoles,
    checkSecrets,
    checkSettings,
    checkNames,
    checkApiManagement,
    checkOptions,
    checkQueries,
    checkLogs,
  ].flatMap((check) => check(infrastructure));
}
