import { randomUUID } from "node:crypto";
import type { Answer, Wish } from "./authorization-request.ts";
import { nearUris } from "./identifier-uris.ts";

/** Entra: the resource parameter doesn't match with the requested scopes. */
export const mismatch = "AADSTS9010010";
/** Entra: the tenant has no such resource. */
const unknownResource = "AADSTS500011";
/** What Entra says of a scope only once it has found the scope's resource. */
const codesOfKnownResources = new Set(
  ["65001", "65002", "650053", "650056", "650057"].map((number) => `AADSTS${number}`),
);

/** What lies behind {@link mismatch}. */
export type CauseName = "uri-not-listed" | "tokens-not-v2" | "other-registration";

export interface Cause {
  readonly name: CauseName;
  readonly isCertain: boolean;
  /** What shows it, as a sentence. */
  readonly because: string;
}

export interface Refused {
  /** What the metadata names. */
  readonly scope: string;
  /** The scope's identifier URI. */
  readonly identifierUri: string;
  readonly resource: string;
  /** Whether a version 1.0 token for this API was given. */
  readonly hasOldToken: boolean;
}

/** Sends an authorization request that nobody sees. */
export type Ask = (wish: Wish) => Promise<Answer>;

/**
 * Why a `resource` is refused beside a scope, found by asking for the same with one thing changed.
 *
 * Entra compares `resource` with the identifier URIs of the scope's registration before anybody signs
 * in. Whether it also looks up a scope without `resource` then, a control request shows. Where the
 * tokens are not version 2.0, nothing says whether every resource is refused or the URL alone: both
 * are looked for.
 */
export async function causeOfRefusal(refused: Refused, ask: Ask): Promise<Cause> {
  const { scope, identifierUri, resource, hasOldToken } = refused;
  if (hasOldToken) {
    return {
      name: "tokens-not-v2",
      isCertain: true,
      because: "The token given is a version 1.0 one.",
    };
  }

  const own = await ask({ scope, resource: identifierUri });
  if (own.code === mismatch) {
    return {
      name: "tokens-not-v2",
      isCertain: false,
      because: `Even ${identifierUri}, which the scope itself begins with, is refused as resource.`,
    };
  }

  for (const { uri, difference } of nearUris(resource)) {
    if ((await ask({ scope, resource: uri })).kind === "accepted") {
      return {
        name: "uri-not-listed",
        isCertain: true,
        because: `It has ${uri} in its place: ${difference} differs.`,
      };
    }
  }

  const swapped = await ask({ scope: `${resource}/.default`, resource: identifierUri });
  if (swapped.kind === "accepted") {
    return {
      name: "tokens-not-v2",
      isCertain: true,
      because: `The registration has both URIs: the other way round, a scope of ${resource} with the resource ${identifierUri} is accepted.`,
    };
  }

  const alone = await ask({ scope: `${resource}/.default` });
  if (alone.code === unknownResource) {
    return {
      name: "uri-not-listed",
      isCertain: true,
      because: `No registration in the tenant has it (${unknownResource}), and that one has no likely variant of it either.`,
    };
  }
  const isKnown =
    codesOfKnownResources.has(String(alone.code)) ||
    // Or the authority looks nothing up, before somebody signs in.
    (await ask({ scope: `api://${randomUUID()}/.default` })).code === unknownResource;
  if (isKnown && alone.kind !== "unclear") {
    return {
      name: "other-registration",
      isCertain: true,
      because: `The tenant has ${resource} in a registration, and it is not the one of ${identifierUri}.`,
    };
  }
  return {
    name: "uri-not-listed",
    isCertain: false,
    because:
      "Or else another registration has it (other-registration): which of the two, the authority does not tell before somebody signs in.",
  };
}
