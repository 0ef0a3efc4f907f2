import type { Requirements } from "./requirement.ts";

export const gatewaySignInRequirements = {} satisfies Requirements;
