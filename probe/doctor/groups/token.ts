import { compactVerify, importJWK, type JWK } from "jose";
import { isGuid } from "../../../src/core/encoding.ts";
import { excerpt } from "../../shared/exchange.ts";
import type { Claims, DecodedJwt } from "../../shared/jwt.ts";
import { documentOf, nameOf, qualifierOf, scopesOf } from "../../shared/metadata.ts";
import { check, finding, group, note, type Outcome, ok } from "../check.ts";
import { clockTolerance, difference } from "../clock.ts";
import { type Patient, usableKeys } from "../patient.ts";
import { wellKnownClients, wellKnownResource } from "../well-known.ts";

const askForThisServer =
  "Have the client ask for the scope that the server's metadata names, and for nothing else.";

/** A check of the decoded token; `token.decoded` has seen to it that there is one. */
function claim(
  after: readonly string[],
  judge: (jwt: DecodedJwt, patient: Patient) => Promise<Outcome> | Outcome,
  ofEntra?: true,
) {
  return check({ after, needs: "token", ofEntra }, async (patient) => {
    if (!patient.jwt) throw new Error("A check of a claim must come after token.decoded.");
    return judge(patient.jwt, patient);
  });
}

/** A claim as it may stand in a report. */
function shown(value: unknown): string {
  return value === undefined ? "absent" : excerpt(String(value), 120);
}

function tenantOf(issuer = ""): string | undefined {
  return issuer.split("/").find((part) => isGuid(part));
}

function date(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

async function isSigned(token: string, key: JWK): Promise<boolean> {
  try {
    await compactVerify(token, await importJWK(key, algorithmOf(key)));
    return true;
  } catch {
    return false;
  }
}

function algorithmOf({ kty }: JWK): string {
  return kty === "EC" ? "ES256" : "RS256";
}

const authentications: Readonly<Record<string, string>> = {
  "0": "public",
  "1": "with a secret",
  "2": "with a certificate or a federated credential",
};

function rolesOf({ roles }: Claims): string {
  return Array.isArray(roles) && roles.length > 0 ? excerpt(roles.join(", "), 120) : "none";
}

/** Of 16 KiB of headers, which many servers and proxies accept, the largest part. */
const largestToken = 12 * 1024;

export const token = group("token", "Token", {
  decoded: check({ after: [], needs: "token" }, async ({ jwt, token = "" }) => {
    const parts = token.split(".").length;
    if (jwt) return ok(`${token.length} characters, signed with ${shown(jwt.header.alg)}`);
    return finding({
      what: "The token is no signed JWT.",
      evidence: `${token.length} characters in ${parts} ${parts === 1 ? "part" : "parts"}`,
      cause:
        parts === 5
          ? "It is encrypted: Entra does that for its own resources only."
          : "It is a refresh token, a code, or a token that was cut off or pasted with something else.",
      remedy: "Give the access token alone, without the word Bearer.",
    });
  }),
  size: claim(["token.decoded"], ({ claims }, { token = "" }) => {
    if (token.length <= largestToken) return ok(`${token.length} characters`);
    const { groups } = claims;
    return finding({
      what: "The token is too large to be sent: servers and proxies answer it 431.",
      evidence: `${token.length} characters of ${largestToken}`,
      cause: Array.isArray(groups)
        ? `It has ${groups.length} group claims, which this server does not read.`
        : "It has more optional claims than fit.",
      remedy:
        "In the API's registration, leave group claims out (Token configuration; groupMembershipClaims null), then sign in again.",
    });
  }),
  audience: claim(["token.decoded"], async ({ claims }, patient) => {
    const { aud } = claims;
    if (await patient.isGateway()) {
      if (aud === patient.target.href) return ok(`aud ${shown(aud)}`);
      return finding({
        what: "The token is not for the gateway.",
        evidence: `aud ${shown(aud)}`,
        cause: "It is Entra's, for /mcp, or another gateway's.",
        remedy:
          "Sign in by the gateway, as its metadata says; neither side takes the other's tokens.",
      });
    }
    const uris = scopesOf(await patient.metadata()).map(qualifierOf);
    if (typeof aud === "string" && wellKnownResource(aud) === undefined) {
      if (isGuid(aud)) return ok(`aud ${aud}, which must be ENTRA_CLIENT_ID`);
      // Version 1.0 tokens name the identifier URI; that is the next check's matter.
      const isOurs = uris.length === 0 || uris.includes(aud.replace(/\/$/, ""));
      if (isOurs) return ok(`aud ${shown(aud)}`);
    }
    const other = typeof aud === "string" ? wellKnownResource(aud) : undefined;
    return finding({
      what: other ? `The token is for ${other}.` : "The token is for another API.",
      evidence: `aud ${shown(aud)}`,
      cause: other
        ? "The client asked for a scope by its bare name, or for one of that resource; Entra then issues a token for it."
        : "The client asked for another API's scope.",
      remedy: askForThisServer,
    });
  }),
  version: claim(
    ["token.audience"],
    ({ claims }) => {
      if (claims.ver === "2.0") return ok("ver 2.0");
      const isOne =
        claims.ver === "1.0" || String(claims.iss).startsWith("https://sts.windows.net/");
      return finding({
        what: isOne ? "It is a version 1.0 token." : "It is no version 2.0 token of Entra's.",
        evidence: `ver ${shown(claims.ver)}, iss ${shown(claims.iss)}`,
        cause: isOne
          ? "The API's registration leaves requestedAccessTokenVersion null."
          : "Another authority issued it.",
        remedy: isOne
          ? 'Set "requestedAccessTokenVersion": 2 below api in the API registration\'s manifest. Tokens issued from then on are version 2.0; stored ones last up to an hour or so.'
          : "Sign in where the server's metadata says.",
      });
    },
    true,
  ),
  tenant: claim(
    ["token.version", "metadata.authorization-servers"],
    async ({ claims }, patient) => {
      const expected = tenantOf(await patient.issuer());
      const isSame = String(claims.tid).toLowerCase() === expected?.toLowerCase();
      if (expected === undefined || isSame) return ok(`tid ${shown(claims.tid)}`);
      return finding({
        what: "The token is of another tenant.",
        evidence: `tid ${shown(claims.tid)}, the server's is ${expected}`,
        cause: "The person signed in with an account of another tenant, or the client at /common.",
        remedy:
          "Sign in at the issuer that the server's metadata names, with an account of that tenant or one that is a guest there.",
      });
    },
    true,
  ),
  issuer: claim(["token.tenant"], async ({ claims }, patient) => {
    const expected = await patient.issuer();
    if (claims.iss === expected) return ok(`iss ${shown(claims.iss)}`);
    return finding({
      what: "Another issuer has issued the token.",
      evidence: `iss ${shown(claims.iss)}, the metadata names ${shown(expected)}`,
      cause: "ENTRA_ISSUER or ENTRA_AUTHORITY_HOST is of another cloud, or of another authority.",
      remedy:
        "Leave ENTRA_ISSUER unset in Azure, and see that ENTRA_AUTHORITY_HOST is the cloud's.",
    });
  }),
  lifetime: claim(["token.audience", "server.clock"], async ({ claims }, patient) => {
    const { exp, nbf } = claims;
    const now = await patient.serverTime();
    const clocks = difference((await patient.secondsAhead()) ?? 0);
    const begins = (await patient.isGateway()) ? claims.iat : nbf;
    if (typeof exp !== "number" || typeof begins !== "number") {
      return finding({
        what: "The token does not say when it is valid.",
        evidence: `nbf ${shown(nbf)}, exp ${shown(exp)}`,
        cause: "It is no access token of Entra's.",
        remedy: askForThisServer,
      });
    }
    if (exp + clockTolerance <= now) {
      return finding({
        what: "The token has expired.",
        evidence: `exp ${date(exp)}, ${duration(now - exp)} ago by the server's clock (${clocks})`,
        cause: "Access tokens last about an hour; or the server's clock is ahead.",
        remedy: "Sign in again, or let the client refresh it: it needs offline_access for that.",
      });
    }
    if (begins - clockTolerance > now) {
      return finding({
        what: "The token is not valid yet.",
        evidence: `nbf ${date(begins)}, in ${duration(begins - now)} by the server's clock (${clocks})`,
        cause: "The server's clock is behind the authority's.",
        remedy: "Synchronise the server's clock.",
      });
    }
    return ok(`for another ${duration(exp - now)}`);
  }),
  bearer: claim(["token.audience"], ({ claims }) => {
    if (claims.cnf === undefined) return ok("cnf absent");
    return finding({
      what: "The token is bound to a key of the client's, and the server takes bearer tokens only.",
      evidence: "cnf is there",
      cause:
        "The client, or a broker on the device (Windows' account manager), asked for proof of possession (RFC 7800).",
      remedy: "Have the client ask for a bearer token: sign in by the browser, not by the broker.",
    });
  }),
  delegated: claim(
    ["token.audience"],
    ({ claims }) => {
      if (claims.scp !== undefined && claims.idtyp !== "app") {
        return ok(`idtyp ${shown(claims.idtyp)}`);
      }
      const isApplication =
        claims.idtyp === "app" || claims.roles !== undefined || claims.oid === claims.sub;
      const evidence = `scp ${shown(claims.scp)}, idtyp ${shown(claims.idtyp)}, roles ${rolesOf(claims)}`;
      return isApplication
        ? finding({
            what: "It is an application's own token: nobody is signed in.",
            evidence,
            cause: "The client used its secret alone (client credentials).",
            remedy:
              "Sign a person in (authorization code with PKCE). The server acts on a person's behalf, and there is none.",
          })
        : finding({
            what: "It is no access token for an API: most likely an ID token.",
            evidence,
            cause: "The client presents the token that tells it who signed in.",
            remedy: "Present the access token, access_token in the authority's answer.",
          });
    },
    true,
  ),
  scope: claim(["token.delegated", "metadata.scopes"], async ({ claims }, patient) => {
    const granted = (await patient.isGateway()) ? claims.scope : claims.scp;
    const held = String(granted).split(" ");
    const expected = scopesOf(await patient.metadata()).map(nameOf);
    if (expected.some((name) => held.includes(name))) return ok(`scp ${shown(granted)}`);
    return finding({
      what: "The token lacks the scope that the server asks for.",
      evidence: `scp ${shown(granted)}, asked for: ${excerpt(expected.join(" "), 120)}`,
      cause: "The client asked for another scope of this API, or was granted another one only.",
      remedy: `${askForThisServer} Then consent to it.`,
    });
  }),
  identity: claim(
    ["token.version", "token.delegated"],
    ({ claims }) => {
      const missing = ["oid", "azp"].filter((name) => !isGuid(String(claims[name])));
      // The object id is somebody's: that it is there is all a report needs.
      if (missing.length === 0) return ok("both are there");
      return finding({
        what: "The token does not say who it is for.",
        evidence: `${missing.join(" and ")}: no GUID`,
        cause: "It is no ordinary access token of Entra's.",
        remedy: askForThisServer,
      });
    },
    true,
  ),
  signature: claim(["token.issuer", "authority.keys"], async ({ header }, patient) => {
    const { token = "" } = patient;
    const keys = usableKeys(documentOf(await patient.keySet()), await patient.isGateway());
    const key = keys.find(({ kid }) => kid === header.kid);
    const evidence = `alg ${shown(header.alg)}, typ ${shown(header.typ)}, kid ${shown(header.kid)}`;
    if (key && header.alg === algorithmOf(key) && (await isSigned(token, key))) return ok(evidence);
    return finding({
      what: key
        ? "The token's signature does not verify."
        : "The token is signed with a key that the issuer does not have.",
      evidence,
      cause: key
        ? "The token was altered or cut off on the way; or it has a nonce and is for Microsoft's own eyes."
        : "The issuer's keys have rolled over since, or it is another authority's token.",
      remedy: "Sign in again.",
    });
  }),
  client: claim(
    ["token.identity"],
    ({ claims }) => {
      const { azp, azpacr, xms_cc: capabilities } = claims;
      const name = wellKnownClients[String(azp).toLowerCase()] ?? "a client of the tenant's own";
      const how = authentications[String(azpacr)] ?? "azpacr absent";
      const can = JSON.stringify(capabilities ?? "").includes("cp1")
        ? "xms_cc cp1"
        : "xms_cc without cp1";
      return note(`azp ${shown(azp)}: ${name}, ${how}; roles ${rolesOf(claims)}; ${can}`);
    },
    true,
  ),
});
