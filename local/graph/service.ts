import type { IncomingMessage } from "node:http";
import type { Account } from "../directory.ts";
import type { Verification } from "./access-token.ts";
import { type Answer, errorAnswer, headerOf } from "./answer.ts";
import type { Faults } from "./faults.ts";
import { type Resource, resources } from "./resources.ts";

export interface ServiceOptions {
  readonly verifyToken: (authorization: string | undefined) => Promise<Verification>;
  readonly faults: Faults;
  readonly accounts: readonly Account[];
  /** Where `@odata.context` points below. */
  readonly metadataUrl: string;
  /** Is told why the authority's keys could not be had. */
  readonly onKeysUnavailable: (cause: unknown) => void;
}

/** Answers a request as Graph does: throttling, token, claims challenge, permission, resource. */
export async function serve(
  { verifyToken, faults, accounts, metadataUrl, onKeysUnavailable }: ServiceOptions,
  request: IncomingMessage,
  { pathname, searchParams }: URL,
): Promise<Answer> {
  const throttled = faults.throttle();
  if (throttled) return throttled;

  const verification = await verifyToken(request.headers.authorization);
  if (verification.kind === "keys-unavailable") {
    onKeysUnavailable(verification.cause);
    return errorAnswer(503, "ServiceUnavailable", "The service is temporarily unavailable.");
  }
  if (verification.kind === "refused") return invalidToken(verification.message);

  const { objectId, scopes, handlesClaimsChallenges } = verification.token;
  const challenged = handlesClaimsChallenges ? faults.challenge(objectId) : undefined;
  if (challenged) return challenged;

  const resource = request.method === "GET" ? resourceAt(pathname) : undefined;
  if (!resource) {
    const message = `The local Graph does not serve ${request.method} ${pathname}.`;
    return errorAnswer(404, "Request_ResourceNotFound", message);
  }
  if (!resource.permissions.some((permission) => scopes.includes(permission))) {
    const message = "Insufficient privileges to complete the operation.";
    return errorAnswer(403, "Authorization_RequestDenied", message);
  }
  const account = accounts.find((candidate) => candidate.objectId === objectId);
  if (!account) {
    const message = `Resource '${objectId}' does not exist or one of its queried reference-property objects are not present.`;
    return errorAnswer(404, "Request_ResourceNotFound", message);
  }
  return resource.read({
    account,
    query: searchParams,
    consistencyLevel: headerOf(request, "consistencylevel"),
    metadataUrl,
  });
}

function resourceAt(pathname: string): Resource | undefined {
  const [, path = ""] = /^\/v1\.0(\/.*)$/.exec(pathname) ?? [];
  return Object.hasOwn(resources, path) ? resources[path] : undefined;
}

function invalidToken(message: string): Answer {
  return errorAnswer(401, "InvalidAuthenticationToken", message, {
    "www-authenticate":
      'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"',
  });
}
