import type { Claims, JwtHeader } from "../../shared/jwt.ts";
import { qualifierOf, scopesOf } from "../../shared/metadata.ts";
import type { Group } from "../check.ts";
import type { KeyContext } from "../context.ts";
import { entraAuthorization, entraClaims, entraValidation, rfc } from "../sources.ts";
import { lackingStatuses, type RefusedTokens, refusalOf, type Tokens } from "./refused-tokens.ts";

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

const misfits: readonly RefusedTokens<KeyContext>[] = [
  {
    id: "issuer",
    what: "another issuer, or the same one written differently",
    must: rfc(8725, "3.8"),
    make({ jwt, mint }) {
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
    },
  },
  {
    id: "audience",
    what: "another audience, or none",
    must: rfc(8707, "2"),
    make({ jwt, mint }) {
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
    },
  },
  {
    id: "audience-list",
    what: "a list of audiences without the right one",
    must: rfc(7519, "4.1.3"),
    make: ({ mint }) => ({
      "a token for several other audiences": mint({ aud: [otherAudience, otherIssuer] }),
      "a token for an empty list of audiences": mint({ aud: [] }),
    }),
  },
  {
    id: "audience-identifier-uri",
    what: "the identifier URI as the audience, which version 2.0 tokens never have",
    should: entraClaims,
    entraOnly: true,
    make(context) {
      const audience = identifierUri(context);
      return audience === undefined || audience === context.jwt.claims.aud
        ? undefined
        : only("a token for the identifier URI", { aud: audience })(context);
    },
  },
  {
    id: "tenant",
    what: "a token of another tenant",
    must: entraAuthorization,
    entraOnly: true,
    make({ jwt, mint }) {
      const tenant = String(jwt.claims.tid);
      const issuer = String(jwt.claims.iss).replace(tenant, otherTenant);
      return {
        "a token of another tenant": mint({ iss: issuer, tid: otherTenant }),
        "a token that names another tenant than its issuer": mint({ tid: otherTenant }),
        "a token that names no tenant": mint({ tid: undefined }),
      };
    },
  },
  {
    id: "expired",
    what: "a token past its lifetime",
    must: rfc(7519, "4.1.4"),
    make({ mint, now }) {
      const seconds = Math.floor(now() / 1000);
      return {
        "a token that has expired an hour ago": mint({
          iat: seconds - 2 * hour,
          nbf: seconds - 2 * hour,
          exp: seconds - hour,
        }),
        "a token that has expired ten minutes ago": mint({ exp: seconds - 600 }),
      };
    },
  },
  {
    id: "no-expiry",
    what: "a token without an end, or with one that is no number",
    must: rfc(9068, "2.2"),
    make: ({ mint }) => ({
      "a token without exp": mint({ exp: undefined }),
      "a token whose exp is null": mint({ exp: null }),
      "a token whose exp is text": mint({ exp: "2099-12-31" }),
    }),
  },
  {
    id: "not-yet-valid",
    what: "a token before its lifetime",
    must: rfc(7519, "4.1.5"),
    make: (context) =>
      only("a token that is valid in an hour", {
        nbf: Math.floor(context.now() / 1000) + hour,
        exp: Math.floor(context.now() / 1000) + 2 * hour,
      })(context),
  },
  {
    id: "no-issue-time",
    what: "a token without the time from which it is valid, or at which it was issued",
    should: entraClaims,
    entraOnly: true,
    make: ({ mint }) => ({
      "a token without nbf": mint({ nbf: undefined }),
      "a token without iat": mint({ iat: undefined }),
    }),
  },
  {
    id: "version-1",
    what: "a version 1.0 token",
    must: entraClaims,
    entraOnly: true,
    make(context) {
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
    },
  },
  {
    id: "app-only",
    what: "an application's own token, with nobody signed in",
    must: entraAuthorization,
    entraOnly: true,
    statuses: lackingStatuses,
    make({ mint }) {
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
    },
  },
  {
    id: "object-id",
    what: "a token without the person's object id, or with one that is no GUID",
    must: entraValidation,
    entraOnly: true,
    make: ({ mint }) => ({
      "a token without oid": mint({ oid: undefined }),
      "a token whose oid is empty": mint({ oid: "" }),
      "a token whose oid is a word": mint({ oid: "authsuite" }),
      "a token whose oid is a list": mint({ oid: [otherId] }),
    }),
  },
  {
    id: "client-id",
    what: "a token without the client application's id",
    should: entraClaims,
    entraOnly: true,
    make: only("a token without azp", { azp: undefined }),
  },
  {
    id: "sender-constrained",
    what: "a token bound to a key (`cnf`) that is presented as a plain bearer token",
    should: rfc(7800, "3.1"),
    make: ({ mint }) => ({
      "a token bound to a DPoP key": mint({
        cnf: { jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" },
      }),
      "a token bound to a certificate": mint({
        cnf: { "x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2" },
      }),
    }),
  },
  {
    id: "other-signature",
    what: "a token under the signature of another one",
    must: rfc(7519, "7.2"),
    make({ jwt, mint }) {
      const [header, payload] = mint({ sub: "authsuite" }).split(".");
      return { "a token under the good one's signature": `${header}.${payload}.${jwt.signature}` };
    },
  },
  {
    id: "key-id",
    what: "the authority's signature under an unknown key id",
    should: rfc(7515, "4.1.4"),
    // The parameter is a hint: a server that tries every key of the authority accepts nothing else.
    make: only("a token under an unknown key id", {}, { kid: "authsuite-unknown" }),
  },
  {
    id: "type",
    what: "a signed document of another type (`typ`) than an access token",
    should: rfc(8725, "3.11"),
    make: ({ mint }) => ({
      "a DPoP proof": mint({}, { typ: "dpop+jwt" }),
      "a logout token": mint({}, { typ: "logout+jwt" }),
      "a security event": mint({}, { typ: "secevent+jwt" }),
    }),
  },
  {
    id: "critical-header",
    what: "a critical header extension that nobody knows (`crit`)",
    must: rfc(7515, "4.1.11"),
    make: only(
      "a token with an unknown critical extension",
      {},
      { crit: ["authsuite"], authsuite: true },
    ),
  },
];

/** Tokens that the authority signed, but not for this server or not for this use. */
export const signedTokens: Group = {
  name: "signed",
  title: "Tokens signed by the authority",
  checks: misfits.map((misfit) => ({
    ...refusalOf("signed", misfit, "the good token has nothing of the kind"),
    needs: "key" as const,
  })),
};
