import type { GraphFailure } from "../graph.ts";
import { isPlain } from "./lists.ts";
import type { Registration } from "./registration.ts";

/** Why a registration does not take an identifier URI. */
export type Refusal =
  /** No domain of the tenant, as `azurewebsites.net` is none. */
  | "unverified-domain"
  /** An app management policy of the tenant. */
  | "tenant-policy"
  /** Another registration has it, perhaps a deleted one. */
  | "taken"
  | "other";

/**
 * Graph has one code for many refusals, so its words decide where the details have no code.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/reference-breaking-changes
 * @see https://learn.microsoft.com/entra/identity-platform/identifier-uri-restrictions
 */
export function refusalOf({
  codes,
  detail,
}: Extract<GraphFailure, { readonly kind: "refused" }>): Refusal {
  const has = (...known: readonly string[]) => codes.some((code) => known.includes(code));
  if (has("HostNameNotOnVerifiedDomain") || /must use a verified domain/i.test(detail)) {
    return "unverified-domain";
  }
  if (has("ObjectConflict") || /same value for property identifierUris/i.test(detail)) {
    return "taken";
  }
  if (/identifier-uri-addition-error|(?:tenant|app management) policy/i.test(detail)) {
    return "tenant-policy";
  }
  return "other";
}

/** Domains of Microsoft's that no customer can verify. */
const microsoftDomains = [
  "azurewebsites.net",
  "azurewebsites.us",
  "chinacloudsites.cn",
  "azure-api.net",
  "azure-api.us",
  "azure-api.cn",
];

/** Why it was refused, as the end of a sentence. */
export function whyRefused(uri: string, refusal: Refusal, answer: string): string {
  switch (refusal) {
    case "unverified-domain": {
      const domain = domainOfMicrosoft(uri);
      return domain === undefined
        ? `the tenant has not verified the domain of ${hostOf(uri)}`
        : `Entra takes only domains that the tenant has verified, and ${domain} is Microsoft's`;
    }
    case "tenant-policy":
      return "a policy of the tenant restricts identifier URIs";
    case "taken":
      return "another registration of the tenant has it, perhaps a deleted one";
    case "other":
      return answer;
  }
}

/** What an administrator can do, as the end of "An administrator can …". */
export function remedyFor(uri: string, refusal: Refusal, byHand: string): string {
  switch (refusal) {
    case "unverified-domain":
      return domainOfMicrosoft(uri) === undefined
        ? `verify that domain (Entra admin center, Custom domain names); the next "azd provision" adds the URI.`
        : `give the server a custom domain that the tenant has verified (docs/deploy.md, Custom domain); the next "azd provision" adds its URL.`;
    case "tenant-policy":
      return `exempt the registration from it (https://aka.ms/identifier-uri-addition-error); then "azd provision" adds the URI, or: ${byHand}`;
    case "taken":
      return `find that registration (az ad app list --identifier-uri ${uri}), or purge it from the deleted ones, and take the URI out of it; the next "azd provision" adds it here.`;
    case "other":
      return `add it by hand: ${byHand}`;
  }
}

/** Which clients a missing URI costs. */
export function costOf(uris: readonly string[]): string {
  return uris.some((uri) => uri.startsWith("https://"))
    ? "Without it, clients that send such a URL as resource cannot sign in (AADSTS9010010): Claude, Claude Code, ChatGPT, Cursor, the bridge, and clients with a metadata document of their own. VS Code can."
    : "Without it, clients that ask for it cannot sign in. Others can.";
}

/** The command replaces the whole list, so it names every URI, and fails as a whole. */
export function byHand(
  { clientId, identifierUris }: Registration,
  uris: readonly string[],
): string {
  const all = [...identifierUris, ...uris];
  const doubtful = uris.filter((uri) => uris.length > 1 && domainOfMicrosoft(uri) !== undefined);
  const advice =
    doubtful.length === 0
      ? ""
      : `\nIf Entra refuses that, leave out ${doubtful.join(" ")}: it is on a domain of Microsoft's.`;
  return all.every(isPlain)
    ? `az ad app update --id ${clientId} --identifier-uris ${all.join(" ")}${advice}`
    : `add ${uris.join(", ")} to identifierUris in the manifest of ${clientId} (Entra admin center, App registrations)`;
}

/** The domain of Microsoft's that a URI is on, which no customer can verify. */
export function domainOfMicrosoft(uri: string): string | undefined {
  return microsoftDomains.find((domain) => hostOf(uri).endsWith(`.${domain}`));
}

function hostOf(uri: string): string {
  return URL.parse(uri)?.hostname ?? uri;
}
