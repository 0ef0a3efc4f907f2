/** Where a check comes from: something that its reader can open and hold against the server. */
export interface Source {
  /** As it is printed: `RFC 6750 section 3.1`. */
  readonly name: string;
  readonly url: string;
}

export function rfc(number: number, section: string): Source {
  return {
    name: `RFC ${number} section ${section}`,
    url: `https://www.rfc-editor.org/rfc/rfc${number}#section-${section}`,
  };
}

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

export const mcpTransportSecurity: Source = {
  name: "MCP Streamable HTTP, Security & Endpoint",
  url: `${specification}/basic/transports/streamable-http`,
};

export const mcpEarlierRevisions: Source = {
  name: "MCP Streamable HTTP, Earlier Streamable HTTP Revisions",
  url: `${specification}/basic/transports/streamable-http#earlier-streamable-http-revisions`,
};

export const mcpSecurityBestPractices: Source = {
  name: "MCP security best practices",
  url: "https://modelcontextprotocol.io/docs/2026-07-28/tutorials/security/security_best_practices",
};

export const fetchCors: Source = {
  name: "Fetch, CORS protocol",
  url: "https://fetch.spec.whatwg.org/#http-cors-protocol",
};

export const entraClaims: Source = {
  name: "Entra access token claims",
  url: "https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference",
};

export const entraValidation: Source = {
  name: "Entra, validate tokens",
  url: "https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens",
};

export const entraAuthorization: Source = {
  name: "Entra, secure applications by validating claims",
  url: "https://learn.microsoft.com/entra/identity-platform/claims-validation",
};

export const entraScopes: Source = {
  name: "Entra, scopes and permissions",
  url: "https://learn.microsoft.com/entra/identity-platform/scopes-oidc",
};

export const easyAuthHeaders: Source = {
  name: "App Service authentication, user identities",
  url: "https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities",
};

export const owaspErrors: Source = {
  name: "OWASP error handling cheat sheet",
  url: "https://cheatsheetseries.owasp.org/cheatsheets/Error_Handling_Cheat_Sheet.html",
};

export const owaspResources: Source = {
  name: "OWASP API4:2023, unrestricted resource consumption",
  url: "https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/",
};

export const owaspJwt: Source = {
  name: "OWASP testing guide, JSON Web Tokens",
  url: "https://owasp.org/www-project-web-security-testing-guide/latest/4-Web_Application_Security_Testing/06-Session_Management_Testing/10-Testing_JSON_Web_Tokens",
};
