import type { Requirements } from "./requirement.ts";

export const gatewayUpstreamRequirements = {} satisfies Requirements;
