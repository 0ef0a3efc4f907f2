import {
  type ComposedGateway,
  type ComposedGatewayOptions,
  composeGateway,
  issuer,
  resource,
} from "./composed-gateway.ts";
import type { ServerUnderTest } from "./public-client.ts";

export interface GatewayUnderTest extends ServerUnderTest {
  readonly composed: ComposedGateway;
}

/** The gateway, over a database in memory and an Entra that signs everybody in. */
export async function startGateway(
  options: ComposedGatewayOptions = {},
): Promise<GatewayUnderTest> {
  const composed = await composeGateway(options);
  const server: GatewayUnderTest = {
    composed,
    issuer,
    resource,
    endpoints: {
      authorize: `${issuer}/authorize`,
      token: `${issuer}/token`,
      revoke: `${issuer}/revoke`,
      register: `${issuer}/register`,
    },
    denies: false,
    wait: (seconds) => composed.clock.advance(seconds * 1000),
    fetch: (input, init) => composed.fetch(input, denying(server, init)),
  };
  return server;
}

/** Has the person who is asked by a form press the other button. */
function denying({ denies }: ServerUnderTest, init: RequestInit = {}): RequestInit {
  if (!denies || !(init.body instanceof URLSearchParams) || !init.body.has("decision")) return init;
  const body = new URLSearchParams(init.body);
  body.set("decision", "deny");
  return { ...init, body };
}
