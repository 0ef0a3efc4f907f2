import { addressNamedBy } from "../../shared/addresses.ts";
import { describe, excerpt, jsonOf } from "../../shared/exchange.ts";
import { keysOf } from "../../shared/jwt.ts";
import { documentOf } from "../../shared/metadata.ts";
import { check, finding, group, ok, seen } from "../check.ts";
import { codesIn, explainCode } from "../explain.ts";
import { usableKeys } from "../patient.ts";

export const authority = group("authority", "Authority", {
  discovery: check({ after: ["metadata.authorization-servers"] }, async (patient) => {
    const exchange = await patient.issuerDocument();
    const document = documentOf(exchange);
    const endpoints = ["authorization_endpoint", "token_endpoint", "jwks_uri"];
    const missing = endpoints.filter((name) => !addressNamedBy(patient.target, document?.[name]));
    if (document && missing.length === 0) return ok(exchange.url);
    const evidence = seen(exchange);
    if (document) {
      return finding({
        what: "The issuer's discovery document is not whole.",
        evidence: `${exchange.url} has no address that may be asked in ${missing.join(", ")}`,
        cause: "It is no document of an OpenID provider.",
        remedy: "Check ENTRA_ISSUER, ENTRA_AUTHORITY_HOST and ENTRA_TENANT_ID.",
      });
    }
    const [code] = codesIn(exchange.answer?.body ?? "");
    const [known] = code === undefined ? [] : explainCode(code).meanings;
    return finding({
      what: "The issuer's discovery document cannot be had, so nobody can sign in.",
      evidence,
      cause:
        known?.meaning ??
        (exchange.answer
          ? "There is no issuer at that address."
          : "The authority is out of reach from here, or there is none at that address."),
      remedy:
        known?.remedy ??
        "Check ENTRA_TENANT_ID and ENTRA_AUTHORITY_HOST, and that this network reaches the authority.",
    });
  }),
  issuer: check({ after: ["authority.discovery"] }, async (patient) => {
    const expected = await patient.issuer();
    const named = documentOf(await patient.issuerDocument())?.issuer;
    if (named === expected) return ok(String(named));
    return finding({
      what: "The discovery document names another issuer, and clients refuse it.",
      evidence: `asked ${expected}, named ${excerpt(String(named), 200)}`,
      cause: /\{tenantid\}/i.test(String(named))
        ? "The address is everybody's, not the tenant's."
        : "The issuer's URL is not the authority's own: an alias, a slash at the end, the tenant's name in place of its id, or /v2.0 left out.",
      remedy: `Set ENTRA_ISSUER to ${excerpt(String(named), 200)}, or leave it unset and ENTRA_TENANT_ID to the tenant's id, a GUID.`,
    });
  }),
  keys: check({ after: ["authority.issuer"] }, async (patient) => {
    const exchange = await patient.keySet();
    const isGateway = await patient.isGateway();
    const usable = usableKeys(documentOf(exchange), isGateway).length;
    const kind = isGateway ? "signing" : "RSA signing";
    if (usable > 0) return ok(`${usable} ${kind} ${usable === 1 ? "key" : "keys"}`);
    const given = keysOf(jsonOf(exchange)).length;
    return finding({
      what: "There are no keys to verify tokens with, so the server refuses everyone (503).",
      evidence: `GET ${exchange.url}: ${documentOf(exchange) ? `${given} keys, none of them usable` : describe(exchange)}`,
      cause: documentOf(exchange)
        ? "None is an RSA key of at least 2048 bits for signatures with a key id."
        : "The authority does not answer there, or a proxy or firewall stands between.",
      remedy:
        "Try again in a few minutes; see https://status.azure.com for Entra. With a firewall, let the server and this machine out to the authority's host.",
    });
  }),
});
