import { isDeepStrictEqual } from "node:util";
import { isLoopback } from "../../shared/addresses.ts";
import { describe, type Exchange, excerpt, headerOf } from "../../shared/exchange.ts";
import {
  documentOf,
  everybodysAddress,
  isQualified,
  isResource,
  textsOf,
} from "../../shared/metadata.ts";
import { type Check, type Group, judge, notApplicable, type Outcome, pass } from "../check.ts";
import type { Context } from "../context.ts";
import { browserOrigin, type Discovery, type Issuer } from "../discovery.ts";
import { entraScopes, fetchCors, mcpAuthorization, rfc } from "../sources.ts";

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

const checks: readonly Check[] = [
  {
    id: "metadata.path",
    title:
      "Serves the metadata document to anyone, at the well-known path put in front of the resource's.",
    must: rfc(9728, "3.1"),
    run: async ({ discovery }) => judgeDocument(discovery.metadataAtPath),
  },
  {
    id: "metadata.root",
    title: "Serves it at the root's well-known path as well, where several clients look.",
    should: mcpAuthorization(
      "Protected Resource Metadata Discovery Requirements",
      "/authorization-server-discovery",
    ),
    run: async ({ discovery: { metadataAtRoot } }) =>
      metadataAtRoot ? judgeDocument(metadataAtRoot) : notApplicable("the URL has no path"),
  },
  {
    id: "metadata.same",
    title:
      "Serves the same metadata document in every place, unless the root is a resource itself.",
    must: rfc(9728, "3.3"),
    async run({ discovery }) {
      const { metadataAtPath, metadataAtRoot, metadataFromChallenge, document } = discovery;
      if (!document) return noDocument;
      const other = [metadataAtPath, metadataAtRoot, metadataFromChallenge].find((place) => {
        const found = documentOf(place);
        if (!place || !found || isDeepStrictEqual(found, document)) return false;
        return place !== metadataAtRoot || !isOfRoot(place);
      });
      return other ? judge(false, other, excerpt(JSON.stringify(document), 300)) : pass;
    },
  },
  {
    id: "metadata.content-type",
    title: "Serves the metadata document as application/json.",
    must: rfc(9728, "3.2"),
    async run(context) {
      if (!context.discovery.document) return noDocument;
      const { place } = context.discovery;
      const type = headerOf(place, "content-type") ?? "none";
      const isJson = /^application\/json\s*(?:;|$)/i.test(type);
      return judge(isJson, place, "Content-Type: application/json", `Content-Type: ${type}`);
    },
  },
  {
    id: "metadata.resource",
    title: "Names the MCP URL as `resource`, character for character.",
    must: rfc(9728, "3.3"),
    run: async (context) =>
      member("resource", JSON.stringify(context.target.href), (value) =>
        isResource(context.target, value),
      )(context),
  },
  {
    id: "metadata.resource-secure",
    title: "Has an https URL without a fragment as `resource` (http on loopback alone).",
    must: rfc(9728, "2"),
    run: member(
      "resource",
      "is an https URL without a fragment",
      (value) => typeof value === "string" && isSecureUrl(value) && !value.includes("#"),
    ),
  },
  {
    id: "metadata.authorization-servers",
    title: "Names at least one authorization server in `authorization_servers`.",
    must: mcpAuthorization("Authorization Server Location", "/authorization-server-discovery"),
    run: member(
      "authorization_servers",
      "holds at least one issuer",
      (value) => textsOf(value).length > 0,
    ),
  },
  {
    id: "metadata.authorization-servers-secure",
    title: "Has https URLs without query or fragment as issuers (http on loopback alone).",
    must: rfc(8414, "2"),
    run: texts(
      "authorization_servers",
      "holds https URLs without query or fragment",
      (text) => isSecureUrl(text) && !/[?#]/.test(text),
    ),
  },
  {
    id: "metadata.tenant-issuer",
    title: "Names one tenant's issuer, never /common, /organizations or /consumers.",
    must: rfc(8414, "2"),
    entraOnly: true,
    run: texts("authorization_servers", "names a tenant", (text) => !everybodysAddress.test(text)),
  },
  {
    id: "metadata.scopes",
    title: "Says in `scopes_supported` which scopes it needs.",
    should: rfc(9728, "2"),
    run: member(
      "scopes_supported",
      "holds at least one scope",
      (value) => textsOf(value).length > 0,
    ),
  },
  {
    id: "metadata.scopes-qualified",
    title:
      "Qualifies `scopes_supported` with the API's identifier URI, as a client has to ask for them.",
    must: entraScopes,
    entraOnly: true,
    run: texts("scopes_supported", "holds qualified names", isQualified),
  },
  {
    id: "metadata.offline-access",
    title: "Leaves `offline_access` out of `scopes_supported`: it is no scope of the resource.",
    should: mcpAuthorization("Refresh Tokens"),
    run: texts("scopes_supported", "lacks offline_access", (text) => text !== "offline_access"),
  },
  {
    id: "metadata.bearer-methods",
    title: "Names the header, and nothing else, in `bearer_methods_supported`, if it has one.",
    should: rfc(9728, "2"),
    run: member(
      "bearer_methods_supported",
      'is ["header"] or absent',
      (value) => value === undefined || JSON.stringify(value) === '["header"]',
    ),
  },
  {
    id: "metadata.cross-origin",
    title: "Lets pages of any origin read the metadata document.",
    should: fetchCors,
    async run(context) {
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
  },
  {
    id: "metadata.issuer-document",
    title: "Names authorization servers whose discovery document can be read.",
    must: mcpAuthorization(
      "Authorization Server Metadata Discovery",
      "/authorization-server-discovery",
    ),
    async run({ discovery: { issuers } }) {
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
  },
  {
    id: "metadata.issuer-identical",
    title: "Names each issuer as its own discovery document does, character for character.",
    must: rfc(8414, "3.3"),
    async run({ discovery }) {
      const found = foundIssuers(discovery);
      if (found.length === 0) return noIssuerDocument;
      const other = found.find(({ issuer, document }) => document?.issuer !== issuer);
      const last = other?.attempts.at(-1);
      if (!other || !last) return pass;
      const got = excerpt(JSON.stringify(other.document?.issuer) ?? "no issuer");
      return judge(false, last, JSON.stringify(other.issuer), got);
    },
  },
  {
    id: "metadata.issuer-keys",
    title: "Names issuers whose discovery document leads to their keys.",
    should: rfc(8414, "2"),
    async run({ discovery }) {
      const found = foundIssuers(discovery);
      if (found.length === 0) return noIssuerDocument;
      const keyless = found.find(({ keys }) => keys.length === 0)?.attempts.at(-1);
      return keyless
        ? judge(false, keyless, "jwks_uri leads to a key set", describe(keyless))
        : pass;
    },
  },
];

export const metadata: Group = { name: "metadata", title: "Metadata", checks };
