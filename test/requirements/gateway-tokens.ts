import type { Requirements } from "./requirement.ts";

export const gatewayTokensRequirements = {} satisfies Requirements;
