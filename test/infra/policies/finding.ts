import type { RequirementId } from "../../requirements.ts";

/** What the policies find, and the requirement that each is a breach of. */
export const requirementOf = {
  "output-unused": "infrastructure.used",
  "file-unused": "infrastructure.used",
  "parameters-file": "infrastructure.parameters-file",
  "output-feeds-back": "infrastructure.parameters-file",
  "api-version": "infrastructure.resources",
  "refused-property": "infrastructure.resources",
  "endpoint-order": "infrastructure.order",
  "shared-keys": "infrastructure.authentication",
  "local-authentication": "infrastructure.authentication",
  "basic-publishing": "infrastructure.authentication",
  "public-blobs": "infrastructure.authentication",
  tls: "infrastructure.transport",
  "https-only": "infrastructure.transport",
  "platform-cors": "infrastructure.transport",
  "role-not-allowed": "infrastructure.roles",
  "role-scope": "infrastructure.roles",
  "role-principal-type": "infrastructure.roles",
  "secret-read": "infrastructure.secrets",
  "secret-parameter": "infrastructure.secrets",
  "secret-literal": "infrastructure.secrets",
  "setting-unknown": "infrastructure.settings",
  "setting-not-set": "infrastructure.settings",
  "foreseeable-name": "infrastructure.directory-names",
  "container-definition": "infrastructure.names",
  "code-name": "infrastructure.names",
  "query-deployed": "infrastructure.query-deployed",
  "api-management-policy": "infrastructure.api-management-policy",
  "api-management-address": "infrastructure.api-management-address",
  "api-management-route": "infrastructure.api-management-paths",
  option: "infrastructure.options",
  "log-content": "infrastructure.logs",
} as const satisfies Readonly<Record<string, RequirementId>>;

export type FindingKind = keyof typeof requirementOf;

export interface Finding {
  readonly kind: FindingKind;
  /** The address of a resource and the path in it; or a file, and what it is about in there. */
  readonly place: string;
  /** What is wrong. */
  readonly message: string;
}

export function describeFinding({ kind, place, message }: Finding): string {
  return `${place}: ${kind}: ${message}`;
}

/** A finding about a resource, or about a value in it. */
export function findingAt(
  { address }: { readonly address: string },
  kind: FindingKind,
  path: string,
  message: string,
): Finding {
  return { kind, place: path === "" ? address : `${address} ${path}`, message };
}
