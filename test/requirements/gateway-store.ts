import type { Requirements } from "./requirement.ts";

export const gatewayStoreRequirements = {} satisfies Requirements;
