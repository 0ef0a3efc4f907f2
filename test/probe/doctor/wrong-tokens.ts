import { apiIdentifierUri } from "../../../local/directory.ts";
import type { Claims, JwtHeader } from "../../../probe/shared/jwt.ts";

const now = Math.floor(Date.now() / 1000);
/** Nobody here has it. */
export const otherId = "11111111-2222-4333-8444-555555555555";

/** What the finding says, and what is wrong with the token. */
export type WrongToken = readonly [says: RegExp, claims: Claims, header?: JwtHeader];

/** Tokens that the authority signed and that are wrong in one thing, by the check that names it. */
export const wrongTokens: Readonly<Record<string, Readonly<Record<string, WrongToken>>>> = {
  "token.size": {
    "a token of too many groups": [
      /300 group claims.*Token configuration/s,
      { groups: Array.from({ length: 300 }, () => otherId) },
    ],
  },
  "token.version": {
    "a version 1.0 token": [
      /requestedAccessTokenVersion/,
      {
        ver: "1.0",
        iss: `https://sts.windows.net/${otherId}/`,
        aud: apiIdentifierUri,
        azp: undefined,
        appid: otherId,
      },
    ],
  },
  "token.audience": {
    "a token for Microsoft Graph": [
      /for Microsoft Graph.*bare name/s,
      { aud: "00000003-0000-0000-c000-000000000000", ver: "1.0", scp: "User.Read" },
    ],
    "a token for Azure itself": [
      /for Azure Resource Manager/,
      { aud: "https://management.azure.com/" },
    ],
    "a token for another API": [/for another API/, { aud: "api://something-else" }],
  },
  "token.tenant": {
    "a token of another tenant": [
      /account of another tenant/,
      { tid: otherId, iss: `https://login.microsoftonline.com/${otherId}/v2.0` },
    ],
  },
  "token.issuer": {
    "a token of another issuer": [
      /ENTRA_ISSUER/,
      { iss: "https://login.microsoftonline.us/t/v2.0" },
    ],
  },
  "token.lifetime": {
    "an expired token": [/offline_access/, { exp: now - 3600 }],
    "a token from the future": [/Synchronise the server's clock/, { nbf: now + 600 }],
    "a token without a lifetime": [/no access token of Entra's/, { exp: undefined }],
  },
  "token.bearer": { "a token that is bound to a key": [/broker/, { cnf: { jwk: {} } }] },
  "token.delegated": {
    "an application's token": [
      /application's own token.*client credentials/s,
      { scp: undefined, idtyp: "app", roles: ["Everything"] },
    ],
    "an ID token": [/ID token/, { scp: undefined, azp: undefined }],
  },
  "token.scope": { "a token without the scope": [/asked for another scope/, { scp: "read_only" }] },
  "token.identity": { "a token of nobody": [/no ordinary access token/, { oid: undefined }] },
  "token.signature": {
    "a token of a key that has rolled over": [/rolled over/, {}, { kid: "yesterday" }],
  },
};
