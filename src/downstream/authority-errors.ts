/** The kinds of failure that one of the authority's own codes can stand for. */
export type AuthorityErrorKind =
  | "interaction-required"
  | "consent-missing"
  | "credential-rejected"
  | "misconfigured"
  | "assertion-rejected"
  | "conditional-access-blocked"
  | "throttled"
  | "authority-unavailable";

/** One of the authority's errors, for those who have to mend it. */
export interface AuthorityError {
  readonly code: `AADSTS${number}`;
  readonly kind: AuthorityErrorKind;
  readonly meaning: string;
  readonly remedy: string;
}

const signInAgain = "The person signs in again; their client is told what the sign-in must fulfil.";
const newToken = "The client gets a fresh access token for this API and repeats the call.";
const matchFederatedCredential =
  "Compare the federated identity credential of the API's registration with the managed identity: issuer {authority}/{tenant}/v2.0, subject the identity's object (principal) id, audience as the cloud has it.";

/**
 * The errors that people meet when a token is exchanged, each with what it means here and what to
 * do. A code that is not listed is judged by the rest of the response.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
export const authorityErrors: readonly AuthorityError[] = [
  {
    code: "AADSTS50072",
    kind: "interaction-required",
    meaning: "The person has to enrol for multifactor authentication.",
    remedy: signInAgain,
  },
  {
    code: "AADSTS50074",
    kind: "interaction-required",
    meaning: "Strong authentication is required.",
    remedy: signInAgain,
  },
  {
    code: "AADSTS50076",
    kind: "interaction-required",
    meaning: "Multifactor authentication is required for the resource.",
    remedy: signInAgain,
  },
  {
    code: "AADSTS50078",
    kind: "interaction-required",
    meaning: "The multifactor authentication is older than the organisation lets it be.",
    remedy: signInAgain,
  },
  {
    code: "AADSTS50079",
    kind: "interaction-required",
    meaning: "The person has to register for multifactor authentication.",
    remedy: signInAgain,
  },
  {
    code: "AADSTS50097",
    kind: "interaction-required",
    meaning: "The device has to be authenticated.",
    remedy: signInAgain,
  },
  {
    code: "AADSTS50158",
    kind: "interaction-required",
    meaning: "A further security challenge, of another provider for example, is not satisfied.",
    remedy: signInAgain,
  },
  {
    code: "AADSTS65001",
    kind: "consent-missing",
    meaning: "Nobody has consented to the delegated permissions of the API on the resource.",
    remedy:
      "An administrator grants consent: the API's registration, API permissions, Grant admin consent.",
  },
  {
    code: "AADSTS90094",
    kind: "consent-missing",
    meaning: "The permissions on the resource need the consent of an administrator.",
    remedy:
      "An administrator grants consent: the API's registration, API permissions, Grant admin consent.",
  },
  {
    code: "AADSTS7000215",
    kind: "credential-rejected",
    meaning: "The client secret is wrong.",
    remedy: "Set ENTRA_CLIENT_SECRET to the secret's value; its id is something else.",
  },
  {
    code: "AADSTS7000222",
    kind: "credential-rejected",
    meaning: "The client secret has expired.",
    remedy: "Create a new secret at the development registration and set ENTRA_CLIENT_SECRET.",
  },
  {
    code: "AADSTS70021",
    kind: "credential-rejected",
    meaning: "No federated identity credential matches the managed identity's token.",
    remedy: matchFederatedCredential,
  },
  {
    code: "AADSTS700211",
    kind: "credential-rejected",
    meaning: "No federated identity credential matches the issuer of the managed identity's token.",
    remedy: matchFederatedCredential,
  },
  {
    code: "AADSTS700212",
    kind: "credential-rejected",
    meaning:
      "No federated identity credential matches the audience of the managed identity's token.",
    remedy: matchFederatedCredential,
  },
  {
    code: "AADSTS700213",
    kind: "credential-rejected",
    meaning:
      "No federated identity credential matches the subject of the managed identity's token.",
    remedy: matchFederatedCredential,
  },
  {
    code: "AADSTS700024",
    kind: "credential-rejected",
    meaning: "The managed identity's token is outside its lifetime.",
    remedy: "Check the clock of the machine; in Azure, restart the app.",
  },
  {
    code: "AADSTS700027",
    kind: "credential-rejected",
    meaning: "The signature of the managed identity's token does not verify.",
    remedy: matchFederatedCredential,
  },
  {
    code: "AADSTS500011",
    kind: "misconfigured",
    meaning: "The tenant has no service principal for the resource.",
    remedy: "Check the resource in the requested scope, and that the API is added to the tenant.",
  },
  {
    code: "AADSTS650057",
    kind: "misconfigured",
    meaning: "The API's registration lists no permission on the resource.",
    remedy: "Add the delegated permissions to the API's registration and grant admin consent.",
  },
  {
    code: "AADSTS700016",
    kind: "misconfigured",
    meaning: "The tenant does not know the API's client id.",
    remedy: "Check ENTRA_CLIENT_ID and ENTRA_TENANT_ID.",
  },
  {
    code: "AADSTS7000112",
    kind: "misconfigured",
    meaning: "An application is disabled in the tenant, that of the API or of the resource.",
    remedy:
      "An administrator enables it: Enterprise applications, Properties, Enabled for users to sign in.",
  },
  {
    code: "AADSTS70011",
    kind: "misconfigured",
    meaning: "The requested scope is not valid.",
    remedy: "Ask for {resource}/.default, or for scopes of one resource in their full form.",
  },
  {
    code: "AADSTS90002",
    kind: "misconfigured",
    meaning: "The authority does not know the tenant.",
    remedy: "Check ENTRA_TENANT_ID, and ENTRA_AUTHORITY_HOST in a national cloud.",
  },
  {
    code: "AADSTS50013",
    kind: "assertion-rejected",
    meaning: "The caller's token is not valid for an exchange.",
    remedy: newToken,
  },
  {
    code: "AADSTS50027",
    kind: "assertion-rejected",
    meaning: "A token is malformed, or none that can be exchanged.",
    remedy: newToken,
  },
  {
    code: "AADSTS50034",
    kind: "assertion-rejected",
    meaning: "The tenant does not know the person's account, or no longer.",
    remedy: "The person signs in with an account of the tenant, or an administrator invites them.",
  },
  {
    code: "AADSTS50057",
    kind: "assertion-rejected",
    meaning: "The person's account is disabled.",
    remedy: "An administrator enables it.",
  },
  {
    code: "AADSTS50132",
    kind: "assertion-rejected",
    meaning: "The person's session has ended: their password has expired or was changed.",
    remedy: "The person signs in again.",
  },
  {
    code: "AADSTS50133",
    kind: "assertion-rejected",
    meaning: "The person's session was revoked: their password has expired or was changed.",
    remedy: "The person signs in again.",
  },
  {
    code: "AADSTS500131",
    kind: "assertion-rejected",
    meaning: "The caller's token was issued for another application.",
    remedy: "Check that ENTRA_CLIENT_ID is the registration that the callers' tokens are for.",
  },
  {
    code: "AADSTS500133",
    kind: "assertion-rejected",
    meaning: "The caller's token has expired.",
    remedy: newToken,
  },
  {
    code: "AADSTS50173",
    kind: "assertion-rejected",
    meaning: "The person's sessions were revoked, after a change of password for example.",
    remedy: "The person signs in again.",
  },
  {
    code: "AADSTS7000114",
    kind: "assertion-rejected",
    meaning: "An application's own token cannot be exchanged: nobody is signed in.",
    remedy: "The client signs a person in.",
  },
  {
    code: "AADSTS53000",
    kind: "conditional-access-blocked",
    meaning: "Conditional Access requires a compliant device.",
    remedy: "The person uses a device that the organisation manages.",
  },
  {
    code: "AADSTS53001",
    kind: "conditional-access-blocked",
    meaning: "Conditional Access requires a domain-joined device.",
    remedy: "The person uses a device that is joined to the domain.",
  },
  {
    code: "AADSTS53003",
    kind: "conditional-access-blocked",
    meaning: "A Conditional Access policy blocks the resource for this person.",
    remedy: "An administrator finds the policy in the sign-in logs.",
  },
  {
    code: "AADSTS530032",
    kind: "conditional-access-blocked",
    meaning: "A security policy of the tenant blocks the request.",
    remedy: "An administrator finds the policy in the sign-in logs.",
  },
  {
    code: "AADSTS50196",
    kind: "throttled",
    meaning: "The same request was repeated too often.",
    remedy: "Wait some minutes.",
  },
  {
    code: "AADSTS90055",
    kind: "throttled",
    meaning: "The tenant makes too many requests.",
    remedy: "Wait some minutes.",
  },
  {
    code: "AADSTS90006",
    kind: "authority-unavailable",
    meaning: "The authority is unavailable for the moment.",
    remedy: "Try again later.",
  },
  {
    code: "AADSTS90024",
    kind: "authority-unavailable",
    meaning: "The authority has a passing fault.",
    remedy: "Try again later.",
  },
  {
    code: "AADSTS90033",
    kind: "authority-unavailable",
    meaning: "The authority has a passing fault.",
    remedy: "Try again later.",
  },
];
