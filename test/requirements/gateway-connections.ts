import type { Requirements } from "./requirement.ts";

export const gatewayConnectionsRequirements = {} satisfies Requirements;
