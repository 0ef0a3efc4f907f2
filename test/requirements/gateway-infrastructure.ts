import type { Requirements } from "./requirement.ts";

export const gatewayInfrastructureRequirements = {} satisfies Requirements;
