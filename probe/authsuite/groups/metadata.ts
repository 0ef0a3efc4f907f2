import { isDeepStrictEqual } from "node:util";
import { isLoopback } from "../../../src/core/address.ts";
import { describe, type Exchange, excerpt, headerOf } from "../../shared/exchange.ts";
import {
  documentOf,
  everybodysAddress,
  isQualified,
  isResource,
  metadataUrl,
  textsOf,
} from "../../shared/metadata.ts";
import { group, judge, notApplicable, type Outcome, pass } from "../check.ts";
import type { Context } from "../context.ts";
import { browserOrigin, type Discovery, type Issuer } from "../discovery.ts";

const noDocument = notApplicable("there is no metadata document");

/** Judges whether there is a document; what is wrong with it is for other checks. */
function judgeDocument(place: Exchange) {
  return judge(documentOf(place) !== undefined, place, "200 with a JSON object");
}

/**
 * The root's document may be that of another resource, which is the root: RFC 9728 section 3.1
 * gives it no other place.
 */
function isOfRoot(place: Exchange): boolean {
  return isResource(new URL("/", place.url), documentOf(place)?.resource);
}

/**
 * Whether the root's document is that of another resource of the same host, which has it at its own place
 * too: of several resources, one alone can be found at the root.
 */
async function isOfNeighbour(place: Exchange, { send, target }: Context): Promise<boolean> {
  const document = documentOf(place);
  const neighbour = URL.parse(String(document?.resource));
  if (neighbour?.origin !== target.origin || neighbour.href === target.href) return false;
  const own = await send({ method: "GET", url: metadataUrl(neighbour) });
  return isDeepStrictEqual(documentOf(own), document);
}

/** Judges a member of the document. */
function member(name: string, expected: string, isRight: (value: unknown) => boolean) {
  return async (context: Context): Promise<Outcome> => {
    const { document, place } = context.discovery;
    if (!document) return noDocument;
    const value = document[name];
    const got = `${name} ${excerpt(JSON.stringify(value) ?? "is missing")}`;
    return judge(isRight(value), place, `${name} ${expected}`, got);
  };
}

/** Judges every text of a member that is a list. */
function texts(name: string, expected: string, isRight: (text: string) => boolean) {
  const every = member(name, expected, (value) => textsOf(value).every(isRight));
  return async (context: Context): Promise<Outcome> =>
    textsOf(context.discovery.document?.[name]).length === 0
      ? notApplicable(`the document has no ${name}`)
      : every(context);
}

function isSecureUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
}

const noIssuerDocument = notApplicable("no discovery document was found");

function foundIssuers({ issuers }: Discovery): readonly Issuer[] {
  return issuers.filter(({ document }) => document !== undefined);
}

export const metadata = group("metadata", "Metadata", {
  path: async ({ discovery }) => judgeDocument(discovery.metadataAtPath),
  root: async ({ discovery: { metadataAtRoot } }) =>
    metadataAtRoot ? judgeDocument(metadataAtRoot) : notApplicable("the URL has no path"),
  same: async (context) => {
    const { metadataAtPath, metadataAtRoot, metadataFromChallenge, document } = context.discovery;
    if (!document) return noDocument;
    const other = [metadataAtPath, metadataAtRoot, metadataFromChallenge].find((place) => {
      const found = documentOf(place);
      if (!place || !found || isDeepStrictEqual(found, document)) return false;
      return place !== metadataAtRoot || !isOfRoot(place);
    });
    if (!other || (other === metadataAtRoot && (await isOfNeighbour(other, context)))) return pass;
    return judge(false, other, excerpt(JSON.stringify(document), 300));
  },
  "content-type": async (context) => {
    if (!context.discovery.document) return noDocument;
    const { place } = context.discovery;
    const type = headerOf(place, "content-type") ?? "none";
    const isJson = /^application\/json\s*(?:;|$)/i.test(type);
    return judge(isJson, place, "Content-Type: application/json", `Content-Type: ${type}`);
  },
  resource: async (context) =>
    member("resource", JSON.stringify(context.target.href), (value) =>
      isResource(context.target, value),
    )(context),
  "resource-secure": member(
    "resource",
    "is an https URL without a fragment",
    (value) => typeof value === "string" && isSecureUrl(value) && !value.includes("#"),
  ),
  "authorization-servers": member(
    "authorization_servers",
    "holds at least one issuer",
    (value) => textsOf(value).length > 0,
  ),
  "authorization-servers-secure": texts(
    "authorization_servers",
    "holds https URLs without query or fragment",
    (text) => isSecureUrl(text) && !/[?#]/.test(text),
  ),
  "tenant-issuer": texts(
    "authorization_servers",
    "names a tenant",
    (text) => !everybodysAddress.test(text),
  ),
  scopes: member(
    "scopes_supported",
    "holds at least one scope",
    (value) => textsOf(value).length > 0,
  ),
  "scopes-qualified": texts("scopes_supported", "holds qualified names", isQualified),
  "offline-access": texts(
    "scopes_supported",
    "lacks offline_access",
    (text) => text !== "offline_access",
  ),
  "bearer-methods": member(
    "bearer_methods_supported",
    'is ["header"] or absent',
    (value) => value === undefined || JSON.stringify(value) === '["header"]',
  ),
  "cross-origin": async (context) => {
    if (!context.discovery.document) return noDocument;
    const { place } = context.discovery;
    const allowed = headerOf(place, "access-control-allow-origin");
    return judge(
      allowed === "*" || allowed === browserOrigin,
      place,
      "Access-Control-Allow-Origin: *",
      `Access-Control-Allow-Origin: ${excerpt(allowed ?? "none")}`,
    );
  },
  "issuer-document": async ({ discovery: { issuers } }) => {
    const lost = issuers.find(({ document }) => document === undefined);
    if (!lost) return issuers.length > 0 ? pass : notApplicable("no authorization server");
    const last = lost.attempts.at(-1);
    if (last) return judge(false, last, "a discovery document");
    return {
      kind: "fail",
      sent: "nothing",
      expected:
        "an issuer that is a URL, and no address of this machine or less protected than the server",
      got: excerpt(lost.issuer),
    };
  },
  "issuer-identical": async ({ discovery }) => {
    const found = foundIssuers(discovery);
    if (found.length === 0) return noIssuerDocument;
    const other = found.find(({ issuer, document }) => document?.issuer !== issuer);
    const last = other?.attempts.at(-1);
    if (!other || !last) return pass;
    const got = excerpt(JSON.stringify(other.document?.issuer) ?? "no issuer");
    return judge(false, last, JSON.stringify(other.issuer), got);
  },
  "issuer-keys": async ({ discovery }) => {
    const found = foundIssuers(discovery);
    if (found.length === 0) return noIssuerDocument;
    const keyless = found.find(({ keys }) => keys.length === 0)?.attempts.at(-1);
    return keyless ? judge(false, keyless, "jwks_uri leads to a key set", describe(keyless)) : pass;
  },
});
