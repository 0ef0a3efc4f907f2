import type { Claims, JwtHeader } from "../../../probe/shared/jwt.ts";

const seconds = () => Math.floor(Date.now() / 1000);
/** Nobody here has it. */
export const otherId = "11111111-2222-4333-8444-555555555555";

export interface WrongToken {
  readonly token: string;
  /** The check that names it. */
  readonly first: string;
  /** Of the finding's words. */
  readonly says: RegExp;
  readonly claims?: () => Claims;
  readonly header?: JwtHeader;
}

/** Tokens that the authority signed and that are wrong in one thing. */
export const wrongTokens: readonly WrongToken[] = [
  {
    token: "a version 1.0 token",
    first: "token.version",
    says: /requestedAccessTokenVersion/,
    claims: () => ({
      ver: "1.0",
      iss: `https://sts.windows.net/${otherId}/`,
      aud: "api://expenses-local",
      azp: undefined,
      appid: otherId,
    }),
  },
  {
    token: "a token for Microsoft Graph",
    first: "token.audience",
    says: /for Microsoft Graph.*bare name/s,
    claims: () => ({ aud: "00000003-0000-0000-c000-000000000000", ver: "1.0", scp: "User.Read" }),
  },
  {
    token: "a token for Azure itself",
    first: "token.audience",
    says: /for Azure Resource Manager/,
    claims: () => ({ aud: "https://management.azure.com/" }),
  },
  {
    token: "a token for another API",
    first: "token.audience",
    says: /for another API/,
    claims: () => ({ aud: "api://something-else" }),
  },
  {
    token: "a token of another tenant",
    first: "token.tenant",
    says: /account of another tenant/,
    claims: () => ({ tid: otherId, iss: `https://login.microsoftonline.com/${otherId}/v2.0` }),
  },
  {
    token: "a token of another issuer",
    first: "token.issuer",
    says: /ENTRA_ISSUER/,
    claims: () => ({ iss: "https://login.microsoftonline.us/t/v2.0" }),
  },
  {
    token: "an expired token",
    first: "token.lifetime",
    says: /offline_access/,
    claims: () => ({ exp: seconds() - 3600 }),
  },
  {
    token: "a token from the future",
    first: "token.lifetime",
    says: /Synchronise the server's clock/,
    claims: () => ({ nbf: seconds() + 600 }),
  },
  {
    token: "a token without a lifetime",
    first: "token.lifetime",
    says: /no access token of Entra's/,
    claims: () => ({ exp: undefined }),
  },
  {
    token: "a token that is bound to a key",
    first: "token.bearer",
    says: /broker/,
    claims: () => ({ cnf: { jwk: {} } }),
  },
  {
    token: "an application's token",
    first: "token.delegated",
    says: /application's own token.*client credentials/s,
    claims: () => ({ scp: undefined, idtyp: "app", roles: ["Everything"] }),
  },
  {
    token: "an ID token",
    first: "token.delegated",
    says: /ID token/,
    claims: () => ({ scp: undefined, azp: undefined }),
  },
  {
    token: "a token without the scope",
    first: "token.scope",
    says: /asked for another scope/,
    claims: () => ({ scp: "read_only" }),
  },
  {
    token: "a token of nobody",
    first: "token.identity",
    says: /no ordinary access token/,
    claims: () => ({ oid: undefined }),
  },
  {
    token: "a token of a key that has rolled over",
    first: "token.signature",
    says: /rolled over/,
    header: { kid: "yesterday" },
  },
];
