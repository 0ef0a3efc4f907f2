import { isLoopback } from "../../../src/core/address.ts";
import { addressNamedBy } from "../../shared/addresses.ts";
import { excerpt, jsonOf, statusOf } from "../../shared/exchange.ts";
import {
  documentOf,
  everybodysAddress,
  isOfApi,
  isQualified,
  isResource,
  qualifierOf,
  scopesOf,
  wellKnownPath,
} from "../../shared/metadata.ts";
import { check, finding, group, notApplicable, ok, seen } from "../check.ts";
import { problemOfIdentifierUri } from "../sign-in/identifier-uris.ts";
import { wellKnownResource } from "../well-known.ts";

/** Source: https://www.rfc-editor.org/rfc/rfc9728#section-3.3, which asks for identity. */
function differenceOf(target: URL, named: unknown): string {
  const url = typeof named === "string" ? URL.parse(named) : null;
  if (!url) return "The metadata names no URL.";
  if (url.href.replace(/\/$/, "") === target.href.replace(/\/$/, "")) {
    return "One has a slash at its end, the other has not.";
  }
  if (url.protocol !== target.protocol && url.hostname === target.hostname) {
    return `One is ${url.protocol.slice(0, -1)}, the other ${target.protocol.slice(0, -1)}.`;
  }
  if (url.host !== target.host) {
    return "The host differs: MCP_PUBLIC_URL is that of another deployment, or was not set when a custom domain or a gateway was put before the app; or ALLOWED_HOSTS does not list this host, which then has no metadata of its own.";
  }
  if (url.href.toLowerCase() === target.href.toLowerCase()) return "Upper and lower case differ.";
  return "The path differs.";
}

function sameDocument(one: object, other: object | undefined): boolean {
  const sorted = (document: object = {}) => JSON.stringify(Object.entries(document).sort());
  return sorted(one) === sorted(other);
}

function problemOfIssuer(url: URL | undefined): string | undefined {
  if (!url || !(url.protocol === "https:" || isLoopback(url)))
    return "It is no https URL that leads anywhere but to this machine.";
  if (everybodysAddress.test(url.pathname)) {
    return "The address is everybody's, not the tenant's: its tokens name the person's own tenant as issuer, and the discovery document's issuer is a template that clients refuse.";
  }
  if (url.hostname === "sts.windows.net") return "It is the issuer of version 1.0 tokens.";
  if (/^login\.(?:microsoftonline\.|partner\.)/.test(url.hostname)) {
    const isTenant = /^\/[^/]+\/v2\.0$/.test(url.pathname);
    if (!isTenant) return "An Entra issuer ends in /{tenant}/v2.0, without a slash.";
  }
  return undefined;
}

export const metadata = group("metadata", "Metadata", {
  found: check({ after: ["server.host"] }, async (patient) => {
    const exchange = await patient.metadataAtPath();
    if (documentOf(exchange)) return ok(exchange.url);
    const isFound = statusOf(exchange) === 200 && jsonOf(exchange) === undefined;
    return finding({
      what: "Clients find no metadata, so they do not learn where to sign in.",
      evidence: seen(exchange),
      cause: isFound
        ? "Something else answers there, such as a web page."
        : "The trigger protected-resource-metadata is not deployed, or a gateway passes /mcp on and not /.well-known.",
      remedy:
        "Deploy the whole package (azd deploy); in a gateway, pass /.well-known/oauth-protected-resource and everything below it on, without a subscription key and without a token.",
    });
  }),
  resource: check({ after: ["metadata.found"] }, async (patient) => {
    const { target } = patient;
    const named = (await patient.metadata())?.resource;
    if (isResource(target, named)) return ok(target.href);
    return finding({
      what: "The metadata names another resource than the URL asked, and clients refuse it.",
      evidence: `asked ${target.href}, named ${excerpt(String(named), 200)}`,
      cause: differenceOf(target, named),
      // The setting never ends in a slash: then it is the client's URL that has one too many.
      remedy: target.href.endsWith("/")
        ? "Give clients the URL that the metadata names."
        : `Set MCP_PUBLIC_URL to ${target.href}, if that is what clients are to use; or add ${target.host} to ALLOWED_HOSTS, if they are to use both; or give clients the URL that the metadata names.`,
    });
  }),
  root: check({ after: ["metadata.resource"] }, async (patient) => {
    if (patient.target.pathname === "/") return notApplicable("the resource has no path");
    const exchange = await patient.get(new URL(wellKnownPath, patient.target));
    const document = documentOf(exchange);
    if (document && sameDocument(document, await patient.metadata())) return ok(exchange.url);
    const { origin } = patient.target;
    const neighbour = addressNamedBy(patient.target, document?.resource);
    if (neighbour?.origin === origin && (await patient.isGateway())) {
      return ok(`${exchange.url}, that of ${neighbour.pathname}`);
    }
    return finding({
      what: document
        ? "The root's metadata says something else."
        : "There is no metadata at the root, so some clients find none.",
      evidence: seen(exchange),
      cause: "The trigger protected-resource-metadata-root is missing, or a gateway blocks it.",
      remedy: "Serve the same document at both paths, and pass both on.",
    });
  }),
  "authorization-servers": check({ after: ["metadata.found"] }, async (patient) => {
    const document = await patient.metadata();
    const named = document?.authorization_servers;
    const evidence = `authorization_servers: ${excerpt(JSON.stringify(named) ?? "absent", 200)}`;
    const remedy =
      "Leave ENTRA_ISSUER unset in Azure: it follows from ENTRA_AUTHORITY_HOST and ENTRA_TENANT_ID, as https://login.microsoftonline.com/{tenant}/v2.0.";
    const what = "Clients are not led to the tenant's issuer.";
    if (!Array.isArray(named) || named.length !== 1 || typeof named[0] !== "string") {
      return finding({ what, evidence, cause: "There must be exactly one entry.", remedy });
    }
    const cause = problemOfIssuer(addressNamedBy(patient.target, named[0]));
    if (cause !== undefined) return finding({ what, evidence, cause, remedy });
    return ok(named[0]);
  }),
  scopes: check({ after: ["metadata.found"] }, async (patient) => {
    const named = scopesOf(await patient.metadata());
    const evidence = `scopes_supported: ${excerpt(named.join(" ") || "none", 200)}`;
    const what = "Clients ask for scopes that Entra refuses.";
    if (named.length === 0) {
      return finding({
        what: "Clients do not learn which scope to ask for.",
        evidence,
        cause: "Without a scope in the request Entra answers AADSTS900144.",
        remedy: "Name the scope in full, such as api://expenses-abc123/user_impersonation.",
      });
    }
    if (named.includes("offline_access")) {
      return finding({
        what,
        evidence,
        cause: "offline_access is no scope of this server: whether to ask for it, clients decide.",
        remedy: "Take it out of scopes_supported, and of the challenge.",
      });
    }
    const bare = named.find((scope) => !isQualified(scope));
    if (bare === undefined || (await patient.isGateway())) return ok(named.join(" "));
    return finding({
      what,
      evidence,
      cause: `${excerpt(bare, 60)} stands without its identifier URI, so Entra takes it for a scope of Microsoft Graph: AADSTS650053 or AADSTS70011.`,
      remedy: `Set ENTRA_IDENTIFIER_URI to the registration's Application ID URI, so that the scope reads {identifier URI}/${excerpt(bare, 60)}.`,
    });
  }),
  registration: check(
    { after: ["metadata.resource", "metadata.scopes"], ofEntra: true },
    async (patient) => {
      const document = await patient.metadata();
      const resource = String(document?.resource);
      const uris = [...new Set(scopesOf(document).filter(isOfApi).map(qualifierOf))];
      const what = "The resource and the scopes cannot belong to one registration: AADSTS9010010.";
      const evidence = `resource ${resource}, ${excerpt(`scopes of ${uris.join(", ")}`, 200)}`;
      const microsofts = uris.map(wellKnownResource).find((name) => name !== undefined);
      if (microsofts !== undefined) {
        return finding({
          what,
          evidence,
          cause: `other-registration (certain): a scope is one of ${microsofts}.`,
          remedy:
            "Name this server's own scope alone: ENTRA_IDENTIFIER_URI and the registration's scope.",
        });
      }
      for (const uri of [resource, ...uris]) {
        const problem = problemOfIdentifierUri(uri);
        if (problem === undefined) continue;
        return finding({
          what,
          evidence,
          cause: `uri-not-listed (certain): ${problem} So no list has ${excerpt(uri, 120)}.`,
          remedy:
            uri === resource
              ? "Serve at a URL with a path and without a slash at its end, such as /mcp, and set MCP_PUBLIC_URL to that."
              : "Set ENTRA_IDENTIFIER_URI to the registration's Application ID URI, without a slash at its end.",
        });
      }
      return ok(
        uris.every((uri) => uri === resource)
          ? "the scope begins with the URL itself"
          : `${uris.join(", ")} and the URL, where one registration has both`,
      );
    },
  ),
});
