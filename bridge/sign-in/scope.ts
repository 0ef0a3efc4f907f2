import { failure, type Result, success } from "../../src/core/result.ts";
import type { ServerUrl } from "../server-url.ts";

/** RFC 6749, section 3.3, for a single scope. */
const scopeToken = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/**
 * The scope to ask for: all that is granted on the server, by its URL. What the server's own metadata
 * says has no part in it: it could name any API of the tenant. Only the user can ask for something else:
 * a scope by its bare name, or one in full, such as `api://…/user_impersonation`.
 */
export function readScope(server: ServerUrl, given: string | undefined): Result<string, string> {
  const prefix = server.given.replace(/\/$/, "");
  if (given === undefined) return success(`${prefix}/.default`);
  if (!scopeToken.test(given)) return failure(`--scope takes one scope, not "${given}".`);
  return success(given.includes("/") ? given : `${prefix}/${given}`);
}
