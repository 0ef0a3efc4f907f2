import type { Requirements } from "./requirement.ts";

export const gatewayClientsRequirements = {} satisfies Requirements;
