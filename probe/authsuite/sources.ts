/** Where a check comes from, with an address that a reader can open. */
export interface Source {
  /** As it is printed: `RFC 6750 section 3.1`. */
  readonly name: string;
  readonly url: string;
}

export function rfc(number: number, section: string): Source {
  const url = `https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`;
  return { name: `RFC ${number} section ${section}`, url };
}

function page(name: string, url: string): Source {
  return { name, url };
}

const identityPlatform = "https://learn.microsoft.com/entra/identity-platform";
const specification = "https://modelcontextprotocol.io/specification/2026-07-28";

/** The MCP specification's pages on authorization, by the title of the section. */
export function mcpAuthorization(
  section: string,
  page: "" | "/authorization-server-discovery" | "/security-considerations" = "",
): Source {
  const anchor = section.toLowerCase().replaceAll(" ", "-");
  return {
    name: `MCP authorization, ${section}`,
    url: `${specification}/basic/authorization${page}#${anchor}`,
  };
}

export const mcpTransportSecurity = page(
  "MCP Streamable HTTP, Security & Endpoint",
  `${specification}/basic/transports/streamable-http`,
);

export const mcpEarlierRevisions = page(
  "MCP Streamable HTTP, Earlier Streamable HTTP Revisions",
  `${specification}/basic/transports/streamable-http#earlier-streamable-http-revisions`,
);

export const mcpSecurityBestPractices = page(
  "MCP security best practices",
  "https://modelcontextprotocol.io/docs/2026-07-28/tutorials/security/security_best_practices",
);

export const fetchCors = page(
  "Fetch, CORS protocol",
  "https://fetch.spec.whatwg.org/#http-cors-protocol",
);

export const entraClaims = page(
  "Entra access token claims",
  `${identityPlatform}/access-token-claims-reference`,
);

export const entraValidation = page(
  "Entra, validate tokens",
  `${identityPlatform}/access-tokens#validate-tokens`,
);

export const entraAuthorization = page(
  "Entra, secure applications by validating claims",
  `${identityPlatform}/claims-validation`,
);

export const entraScopes = page("Entra, scopes and permissions", `${identityPlatform}/scopes-oidc`);

export const easyAuthHeaders = page(
  "App Service authentication, user identities",
  "https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities",
);

export const owaspErrors = page(
  "OWASP error handling cheat sheet",
  "https://cheatsheetseries.owasp.org/cheatsheets/Error_Handling_Cheat_Sheet.html",
);

export const owaspResources = page(
  "OWASP API4:2023, unrestricted resource consumption",
  "https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/",
);

export const owaspJwt = page(
  "OWASP testing guide, JSON Web Tokens",
  "https://owasp.org/www-project-web-security-testing-guide/latest/4-Web_Application_Security_Testing/06-Session_Management_Testing/10-Testing_JSON_Web_Tokens",
);
