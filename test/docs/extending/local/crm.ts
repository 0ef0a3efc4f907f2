import type { DownstreamResource } from "../../../../local/authority/tenant.ts";

/** The customer database, as the laptop's authority knows it. */
export const crm: DownstreamResource = {
  clientId: "c0a8f2f6-3f0e-4b8e-9a43-6f4f0d1a2b3c",
  identifierUri: "api://crm",
  displayName: "Customers",
  grantedScopes: ["Customers.Read"],
};
