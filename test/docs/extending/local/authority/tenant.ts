import { localTenant, type Tenant } from "../../../../../local/authority/tenant.ts";

/** The laptop's directory, in which the customer database is registered too. */
export const tenant: Tenant = {
  ...localTenant,
  downstream: [
    ...localTenant.downstream,
    {
      clientId: "c0a8f2f6-3f0e-4b8e-9a43-6f4f0d1a2b3c",
      identifierUri: "api://crm",
      displayName: "Customers",
      grantedScopes: ["Customers.Read"],
    },
  ],
};
