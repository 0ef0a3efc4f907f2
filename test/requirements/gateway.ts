import type { Requirements } from "./requirement.ts";

export const gatewayRequirements = {} satisfies Requirements;
