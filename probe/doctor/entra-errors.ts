/** One of Entra's errors as people meet it at sign-in, in their MCP client or its browser window. */
export interface SignInError {
  readonly code: `AADSTS${number}`;
  readonly meaning: string;
  readonly remedy: string;
}

const signInAgain = "The person signs in again and does what the sign-in asks for.";
const fullScope =
  "Ask for the scope in full, as the server's challenge and metadata name it: {identifier URI}/user_impersonation.";
const rightAccount =
  "Sign in with an account of the server's tenant (sign out of the other one first), or have an administrator invite this one as a guest.";
const administratorConsents =
  "an administrator grants consent: the client's registration, API permissions, Grant admin consent; or pre-authorises the client at the API's registration (Expose an API, Add a client application).";
const conditionalAccess =
  "An administrator finds the policy in Entra's sign-in logs, by the correlation id in the message.";
const publicClient =
  'At the client\'s registration, Authentication: put its redirect URI under "Mobile and desktop applications" and allow public client flows.';

/**
 * What sign-in refuses when an MCP client asks for a token for this server, with what it means here
 * and what to do. Errors of the on-behalf-of exchange stand in src/downstream/authority-errors.ts.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/reference-error-codes. That page does
 * not list all of them; of the others Entra's own message is the source, as issue threads quote it:
 * https://github.com/microsoft/vscode/issues/321249 (9010010),
 * https://github.com/anthropics/claude-code/issues/73460 (650053).
 */
export const signInErrors: readonly SignInError[] = [
  {
    code: "AADSTS16000",
    meaning: "The account is of another identity provider and unknown in the server's tenant.",
    remedy: rightAccount,
  },
  {
    code: "AADSTS50011",
    meaning: "The client's redirect URI is not among those of its registration.",
    remedy:
      'Add the redirect URI of the message at the client\'s registration, Authentication. VS Code uses http://127.0.0.1 and https://vscode.dev/redirect; of http://localhost the port does not matter under "Mobile and desktop applications".',
  },
  {
    code: "AADSTS50020",
    meaning: "The account is of another tenant or a personal one, and no guest in the server's.",
    remedy: rightAccount,
  },
  {
    code: "AADSTS50034",
    meaning: "The directory does not know the account.",
    remedy: rightAccount,
  },
  {
    code: "AADSTS50053",
    meaning: "The account is locked after too many attempts, or the address is known for attacks.",
    remedy:
      "Wait some minutes. An administrator sees in Entra's sign-in logs which of the two it is.",
  },
  {
    code: "AADSTS50055",
    meaning: "The password has expired.",
    remedy: "The person sets a new one, and signs in again.",
  },
  {
    code: "AADSTS50057",
    meaning: "The account is disabled.",
    remedy: "An administrator enables it.",
  },
  {
    code: "AADSTS50058",
    meaning: "A silent sign-in found nobody signed in.",
    remedy: "Let the client sign in with a browser window.",
  },
  {
    code: "AADSTS50059",
    meaning: "The request does not say which tenant it is for.",
    remedy:
      "The client must use the tenant's own authority, which the server's metadata names; see that it is not overridden in the client's settings.",
  },
  {
    code: "AADSTS50072",
    meaning: "The person has to enrol for multifactor authentication.",
    remedy: signInAgain,
  },
  {
    code: "AADSTS50074",
    meaning: "Strong authentication is required, and was not completed.",
    remedy: signInAgain,
  },
  {
    code: "AADSTS50076",
    meaning: "Multifactor authentication is required.",
    remedy: signInAgain,
  },
  {
    code: "AADSTS50079",
    meaning: "The person has to register for multifactor authentication.",
    remedy: signInAgain,
  },
  {
    code: "AADSTS50105",
    meaning:
      "The application is for assigned people only, and this person is not assigned to it or to one of its app roles.",
    remedy:
      "Enterprise applications, the application of the message, Users and groups: assign the person or their group (nested groups do not count). Or Properties: Assignment required, No.",
  },
  {
    code: "AADSTS50126",
    meaning: "User name or password is wrong.",
    remedy: "The person tries again.",
  },
  {
    code: "AADSTS50128",
    meaning: "No tenant could be told from the request.",
    remedy: "Check the tenant in the authority's URL, and ENTRA_TENANT_ID.",
  },
  {
    code: "AADSTS50158",
    meaning: "A further security challenge, of another provider for example, is not satisfied.",
    remedy: signInAgain,
  },
  {
    code: "AADSTS50173",
    meaning: "The person's sessions were revoked, after a change of password for example.",
    remedy: "The person signs in again; the client must throw its stored tokens away.",
  },
  {
    code: "AADSTS50194",
    meaning: "The application is for one tenant, and the client asked at /common.",
    remedy:
      "The client must use the tenant's own authority, which the server's metadata names as authorization server; look for /common in the client's settings.",
  },
  {
    code: "AADSTS500011",
    meaning:
      "The tenant has no service principal for the resource in the scope: the identifier URI is not the registration's.",
    remedy:
      "Compare the scope's prefix with the API registration's Application ID URI (Expose an API), and set ENTRA_IDENTIFIER_URI to that. The registration also needs its service principal (Enterprise applications), and the person the right tenant.",
  },
  {
    code: "AADSTS500113",
    meaning: "The client's registration has no redirect URI at all.",
    remedy: publicClient,
  },
  {
    code: "AADSTS53000",
    meaning: "Conditional Access requires a device that the organisation manages.",
    remedy: "The person signs in from such a device.",
  },
  {
    code: "AADSTS53003",
    meaning: "A Conditional Access policy does not allow the sign-in.",
    remedy: conditionalAccess,
  },
  {
    code: "AADSTS530032",
    meaning: "A security policy of the tenant blocks the request.",
    remedy: conditionalAccess,
  },
  {
    code: "AADSTS65001",
    meaning: "Nobody has consented that the client may use the API on the person's behalf.",
    remedy: `The person consents in the sign-in window, where the tenant lets people consent. Otherwise, ${administratorConsents}`,
  },
  {
    code: "AADSTS65002",
    meaning:
      "The client is one of Microsoft's own, and the API one too: such a pair must be pre-authorised by Microsoft.",
    remedy:
      "The scope names a resource of Microsoft's in place of this server. Compare it with the server's challenge; or use a client of your own registration.",
  },
  {
    code: "AADSTS65004",
    meaning: "The person declined to consent.",
    remedy: "Sign in once more and consent, or have an administrator do so for everyone.",
  },
  {
    code: "AADSTS650053",
    meaning:
      "The client asked for a scope by its bare name, so Entra looked for it at Microsoft Graph (00000003-0000-0000-c000-000000000000), or the API does not expose it.",
    remedy: `${fullScope} If it is in full already, compare it with the API's registration, Expose an API.`,
  },
  {
    code: "AADSTS650056",
    meaning:
      "The client's registration lists no permission on the API, or nobody has consented to it.",
    remedy: `At the client's registration, API permissions: add the API's user_impersonation. Then ${administratorConsents}`,
  },
  {
    code: "AADSTS650057",
    meaning: "The client's registration lists no permission on the resource that it asks for.",
    remedy: "At the client's registration, API permissions: add the API's user_impersonation.",
  },
  {
    code: "AADSTS70000",
    meaning: "What the client holds, a code or a refresh token, is not good any more.",
    remedy: "Sign out in the client, or remove its stored sign-in, and sign in again.",
  },
  {
    code: "AADSTS70008",
    meaning: "The authorization code or refresh token has expired.",
    remedy: "Sign in again.",
  },
  {
    code: "AADSTS70011",
    meaning:
      "The scope is not valid: a bare name, scopes of two resources in one request, or .default beside others.",
    remedy: fullScope,
  },
  {
    code: "AADSTS700016",
    meaning: "The tenant does not know the client's id.",
    remedy:
      "Register the client in the server's tenant (Entra registers no clients by itself), and give its application id, not the object's, to the client. VS Code's own is known in every tenant.",
  },
  {
    code: "AADSTS700022",
    meaning: "The request names scopes of more than one resource.",
    remedy:
      "Ask for this server's scope alone; openid, profile and offline_access may stand beside it.",
  },
  {
    code: "AADSTS700025",
    meaning: "The client is registered as a public one, and sent a secret.",
    remedy: "Remove the client secret from the client's settings.",
  },
  {
    code: "AADSTS700082",
    meaning: "The refresh token was not used for too long.",
    remedy: "Sign in again.",
  },
  {
    code: "AADSTS7000112",
    meaning: "The application is disabled.",
    remedy:
      "Enterprise applications, the application, Properties: Enabled for users to sign in, Yes.",
  },
  {
    code: "AADSTS7000215",
    meaning: "The client secret is wrong: often the secret's id in place of its value.",
    remedy:
      "Set the secret's value, which is shown only when it is made. Most MCP clients are public ones and need none.",
  },
  {
    code: "AADSTS7000218",
    meaning: "Entra takes the client for a confidential one and asks for a secret.",
    remedy: publicClient,
  },
  {
    code: "AADSTS7000222",
    meaning: "The client secret has expired.",
    remedy: "Make a new one at the client's registration.",
  },
  {
    code: "AADSTS90002",
    meaning: "There is no such tenant in this cloud.",
    remedy:
      "Check the tenant in the authority's URL, ENTRA_TENANT_ID, and ENTRA_AUTHORITY_HOST in a national cloud.",
  },
  {
    code: "AADSTS90009",
    meaning: "The application asks for a token for itself by its identifier URI.",
    remedy: "Give the client a registration of its own, apart from the API's.",
  },
  {
    code: "AADSTS90014",
    meaning: "The request lacks a field that Entra needs.",
    remedy: "The message names it. Check the client's settings, and its version.",
  },
  {
    code: "AADSTS90094",
    meaning: "An administrator has to consent.",
    remedy: `The person cannot: ${administratorConsents}`,
  },
  {
    code: "AADSTS90095",
    meaning: "An administrator has to consent, and the person may ask for it.",
    remedy: `The person sends the request in the window; then ${administratorConsents}`,
  },
  {
    code: "AADSTS900144",
    meaning: "The request lacks a parameter that the message names, most often the scope.",
    remedy: `${fullScope} Where the challenge has it (look with the doctor), the client drops it: set the scope in the client's own settings, and update the client.`,
  },
  {
    code: "AADSTS900971",
    meaning: "The request has no redirect URI, and the registration none to fall back on.",
    remedy: publicClient,
  },
  {
    code: "AADSTS901002",
    meaning: "Entra's version 2.0 endpoint was sent a resource parameter that it does not take.",
    remedy:
      "Update the client, or switch the parameter off in it (mcp-remote: --disable-resource-parameter).",
  },
  {
    code: "AADSTS9002326",
    meaning: "The client's redirect URI is registered for the web, and a browser redeems the code.",
    remedy: "At the client's registration, move the redirect URI to Single-page application.",
  },
  {
    code: "AADSTS9002327",
    meaning:
      "The client's redirect URI is registered for a single-page application, and no browser redeems the code.",
    remedy: publicClient,
  },
  {
    code: "AADSTS9010010",
    meaning:
      "The client sent the server's URL as resource, beside a scope whose identifier URI is another one, such as api://….",
    remedy:
      "Either serve such clients: make the registration's Application ID URI and ENTRA_IDENTIFIER_URI the same as MCP_PUBLIC_URL, on a domain that the tenant has verified (docs/entra-profiles.md). Or have the client leave resource out (mcp-remote: --disable-resource-parameter), or update it.",
  },
];
