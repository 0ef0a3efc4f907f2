import { failure, type Result, success } from "../result.ts";
import type { DocumentProblem } from "./problem.ts";

/** Characters. It is shown to people, and kept. */
const longest = 1024;

/**
 * Reads the URL of a client's document. It is a client id too, and ids are compared as strings: so it
 * has to be written in the one form that a URL has (no dot segments, no upper-case host, no default
 * port), and nothing is mended. Of two ways to write an address one is an id, and the other is refused.
 *
 * Source: https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/, "Client
 * Identifier"; a query, which it advises against, is refused.
 */
export function readDocumentUrl(clientId: string): Result<URL, DocumentProblem> {
  const refuse = (rule: string) => failure({ kind: "url", rule } as const);
  if (clientId.length > longest) return refuse(`must not be longer than ${longest} characters`);
  const url = URL.parse(clientId);
  if (url?.protocol !== "https:") return refuse("must be an https URL");
  if (url.username || url.password) return refuse("must not hold a user name or password");
  if (clientId.includes("#")) return refuse("must not have a fragment");
  if (clientId.includes("?")) return refuse("must not have a query");
  if (url.pathname === "/") return refuse("must have a path");
  if (url.href !== clientId) {
    return refuse("must be in normal form: lower-case host, no default port, no dot segments");
  }
  return success(url);
}
