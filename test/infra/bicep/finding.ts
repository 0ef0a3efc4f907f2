/** What the checks find; `docs/infrastructure-checks.md` groups them. */
export const findingKinds = [
  "syntax",
  "unresolved-symbol",
  "unknown-function",
  "argument-count",
  "unknown-decorator",
  "duplicate-symbol",
  "unknown-property",
  "unused-symbol",
  "cyclic-reference",
  "default-reference",
  "not-known-at-start",
  "conditional-access",
  "description-missing",
  "module-file-missing",
  "module-parameter-missing",
  "module-parameter-unknown",
  "module-parameter-type",
  "declared-type",
  "module-scope",
  "module-output-unknown",
  "module-output-unused",
  "parameters-file",
  "parameters-file-missing-entry",
  "parameters-file-unknown-entry",
  "output-feeds-back",
  "resource-name-duplicate",
  "resource-type",
  "resource-parent",
  "refused-property",
  "dependency-unnecessary",
  "api-version",
  "location-fixed",
  "environment-url-fixed",
  "loaded-file-missing",
  "unused-file",
  "shared-keys",
  "local-authentication",
  "tls",
  "https-only",
  "basic-publishing",
  "public-blobs",
  "platform-cors",
  "role-not-allowed",
  "role-scope",
  "role-principal-type",
  "secret-read",
  "secret-exposed",
  "secret-literal",
  "secret-parameter-plain",
  "setting-unknown",
  "setting-not-set",
  "container-definition",
  "code-name",
  "gateway-route",
] as const;

export type FindingKind = (typeof findingKinds)[number];

export interface Finding {
  readonly kind: FindingKind;
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** The symbol, setting or resource that it is about. */
  readonly subject: string;
  /** What is wrong and what to do about it. */
  readonly message: string;
}

export function describeFinding({ kind, file, line, message }: Finding): string {
  return `${file}:${line} ${kind}: ${message}`;
}

export function findingIn(
  { file }: { readonly file: string },
  kind: FindingKind,
  line: number,
  subject: string,
  message: string,
): Finding {
  return { kind, file, line, subject, message };
}
