import type { GatewayHandler } from "../http/handler.ts";
import { type AuthorizeOptions, createAuthorize } from "./authorize.ts";
import { type CallbackOptions, createCallback } from "./callback.ts";

export type AuthorizationOptions = AuthorizeOptions & CallbackOptions;

/** The two endpoints that a person's browser passes through on its way to a code for a client. */
export function createAuthorization(options: AuthorizationOptions): {
  readonly authorize: GatewayHandler;
  readonly callback: GatewayHandler;
} {
  return { authorize: createAuthorize(options), callback: createCallback(options) };
}
