import type { Requirements } from "./requirement.ts";

export const gatewayAttacksRequirements = {} satisfies Requirements;
