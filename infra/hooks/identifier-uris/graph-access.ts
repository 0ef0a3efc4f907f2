import { failure, type Result, success } from "../../../src/core/result.ts";
import type { Azd } from "../azd.ts";
import type { Clock } from "../clock.ts";
import { createGraph, type Graph, graphEndpointOf } from "../graph.ts";
import type { ReadFailure } from "./registration.ts";

export interface HookOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly azd: Azd;
  readonly print: (line: string) => void;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
}

export type AccessFailure = { readonly kind: "no-token"; readonly detail: string };

/** Microsoft Graph for the account that is signed in to azd. */
export async function graphOf({
  env,
  azd,
  ...options
}: HookOptions): Promise<Result<Graph, AccessFailure>> {
  const endpoint = graphEndpointOf(env);
  const token = await azd.accessToken(`${endpoint}/.default`);
  return token.ok
    ? success(createGraph({ ...options, endpoint, accessToken: token.value }))
    : failure({ kind: "no-token", detail: token.reason.detail });
}

/** What kept the hook from the registration, as the end of a sentence. */
export function obstacle(reason: ReadFailure | AccessFailure): string {
  switch (reason.kind) {
    case "no-token":
      return `azd has no access token for Microsoft Graph: ${reason.detail}`;
    case "not-allowed":
      return `Microsoft Graph does not let you (${reason.status})`;
    case "refused":
      return `Microsoft Graph answered ${reason.status}${reason.detail && `: ${reason.detail}`}`;
    case "unreachable":
      return `Microsoft Graph could not be reached: ${reason.detail}`;
    case "absent":
      return "it is not there";
    case "not-ours":
      return "it does not bear the name that this environment gave it";
    case "unreadable":
      return "Microsoft Graph's answer was not understood";
  }
}
