import type { ServiceEndpoints } from "../../local/settings.ts";

/** What the process of the services tells the one that started it. */
export type ServicesMessage =
  | {
      readonly kind: "ready";
      readonly endpoints: ServiceEndpoints;
      readonly certificateAuthorities: string;
    }
  | { readonly kind: "failed"; readonly message: string };
