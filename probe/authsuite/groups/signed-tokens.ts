import type { Claims, JwtHeader } from "../../shared/jwt.ts";
import { qualifierOf, scopesOf } from "../../shared/metadata.ts";
import { group, withKey } from "../check.ts";
import type { KeyContext } from "../context.ts";
import { lackingStatuses, refusals, type Tokens } from "./refused-tokens.ts";

const hour = 60 * 60;
const otherIssuer = "https://issuer.example";
const otherAudience = "https://api.example";
const otherTenant = "99999999-0000-4000-8000-000000000009";
const otherId = "99999999-0000-4000-8000-000000000001";

/** One token, of the authority and good but for the changes. */
function only(what: string, changes: Claims, headerChanges: JwtHeader = {}) {
  return ({ mint }: KeyContext): Tokens => ({ [what]: mint(changes, headerChanges) });
}

/** The URI that qualifies the API's scopes. */
function identifierUri({ discovery }: KeyContext): string | undefined {
  const [first = ""] = scopesOf(discovery.document);
  return first.includes("://") ? qualifierOf(first) : undefined;
}

const refusing = refusals<KeyContext>("the good token has nothing of the kind");
const refused = (...tokens: Parameters<typeof refusing>) => withKey(refusing(...tokens));

/** Tokens that the authority signed, but not for this server or not for this use. */
export const signedTokens = group("signed", "Tokens signed by the authority", {
  issuer: refused(({ jwt, mint }) => {
    const issuer = String(jwt.claims.iss);
    return {
      "a token of another issuer": mint({ iss: otherIssuer }),
      "a token whose issuer ends otherwise": mint({
        iss: issuer.endsWith("/") ? issuer.slice(0, -1) : `${issuer}/`,
      }),
      "a token whose issuer begins like the right one": mint({ iss: `${issuer}.example` }),
      "a token whose issuer is a list": mint({ iss: [issuer] }),
      "a token without an issuer": mint({ iss: undefined }),
    };
  }),
  audience: refused(({ jwt, mint }) => {
    const client = jwt.claims.azp ?? jwt.claims.client_id;
    return {
      "a token for another audience": mint({ aud: otherAudience }),
      "a token whose audience begins like the right one": mint({
        aud: `${String([jwt.claims.aud].flat()[0])}.example`,
      }),
      "a token for nobody": mint({ aud: undefined }),
      ...(typeof client === "string" && ![jwt.claims.aud].flat().includes(client)
        ? { "a token for the client itself, as an id token is": mint({ aud: client }) }
        : {}),
    };
  }),
  "audience-list": refused(({ mint }) => ({
    "a token for several other audiences": mint({ aud: [otherAudience, otherIssuer] }),
    "a token for an empty list of audiences": mint({ aud: [] }),
  })),
  "audience-identifier-uri": refused((context) => {
    const audience = identifierUri(context);
    return audience === undefined || audience === context.jwt.claims.aud
      ? undefined
      : only("a token for the identifier URI", { aud: audience })(context);
  }),
  tenant: refused(({ jwt, mint }) => {
    const tenant = String(jwt.claims.tid);
    const issuer = String(jwt.claims.iss).replace(tenant, otherTenant);
    return {
      "a token of another tenant": mint({ iss: issuer, tid: otherTenant }),
      "a token that names another tenant than its issuer": mint({ tid: otherTenant }),
      "a token that names no tenant": mint({ tid: undefined }),
    };
  }),
  expired: refused(({ mint, now }) => {
    const seconds = Math.floor(now() / 1000);
    return {
      "a token that has expired an hour ago": mint({
        iat: seconds - 2 * hour,
        nbf: seconds - 2 * hour,
        exp: seconds - hour,
      }),
      "a token that has expired ten minutes ago": mint({ exp: seconds - 600 }),
    };
  }),
  "no-expiry": refused(({ mint }) => ({
    "a token without exp": mint({ exp: undefined }),
    "a token whose exp is null": mint({ exp: null }),
    "a token whose exp is text": mint({ exp: "2099-12-31" }),
  })),
  // To a server whose clock is behind, every token is from the future: signing in again is no help.
  "not-yet-valid": refused(
    (context) =>
      only("a token that is valid in an hour", {
        nbf: Math.floor(context.now() / 1000) + hour,
        exp: Math.floor(context.now() / 1000) + 2 * hour,
      })(context),
    [401, 503],
  ),
  "no-issue-time": refused(({ mint }) => ({
    "a token without nbf": mint({ nbf: undefined }),
    "a token without iat": mint({ iat: undefined }),
  })),
  "version-1": refused((context) => {
    const { azp, tid } = context.jwt.claims;
    const version1 = { ver: "1.0", azp: undefined, azpacr: undefined, appid: azp };
    return {
      "a version 1.0 token": context.mint({
        ...version1,
        iss: `https://sts.windows.net/${tid}/`,
        aud: identifierUri(context) ?? context.jwt.claims.aud,
      }),
      "a version 1.0 token under the version 2.0 issuer": context.mint(version1),
    };
  }),
  "app-only": refused(({ mint }) => {
    const application = {
      scp: undefined,
      preferred_username: undefined,
      name: undefined,
      roles: ["Expenses.ReadWrite.All"],
      azpacr: "1",
      oid: otherId,
      sub: otherId,
    };
    return {
      "an application's token": mint({ ...application, idtyp: "app" }),
      "an application's token without idtyp": mint(application),
    };
  }, lackingStatuses),
  "object-id": refused(({ mint }) => ({
    "a token without oid": mint({ oid: undefined }),
    "a token whose oid is empty": mint({ oid: "" }),
    "a token whose oid is a word": mint({ oid: "authsuite" }),
    "a token whose oid is a list": mint({ oid: [otherId] }),
  })),
  "client-id": refused(only("a token without azp", { azp: undefined })),
  "sender-constrained": refused(({ mint }) => ({
    "a token bound to a DPoP key": mint({
      cnf: { jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" },
    }),
    "a token bound to a certificate": mint({
      cnf: { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" },
    }),
  })),
  "other-signature": refused(({ jwt, mint }) => {
    const [header, payload] = mint({ sub: "authsuite" }).split(".");
    return { "a token under the good one's signature": `${header}.${payload}.${jwt.signature}` };
  }),
  // The parameter is a hint: a server that tries every key of the authority accepts nothing else.
  "key-id": refused(only("a token under an unknown key id", {}, { kid: "authsuite-unknown" })),
  type: refused(({ mint }) => ({
    "a DPoP proof": mint({}, { typ: "dpop+jwt" }),
    "a logout token": mint({}, { typ: "logout+jwt" }),
    "a security event": mint({}, { typ: "secevent+jwt" }),
  })),
  "critical-header": refused(
    only(
      "a token with an unknown critical extension",
      {},
      { crit: ["authsuite"], authsuite: true },
    ),
  ),
});
