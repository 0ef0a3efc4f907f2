import type { ClientKind, ConnectedClient } from "./clients.ts";
import { textOf } from "./clients.ts";
import {
  connectSigningIn,
  createSigningInProvider,
  finishSigningIn,
  type SigningInProvider,
} from "./person.ts";
import type { RunningStack } from "./stack.ts";

/** A client at `/gateway/mcp`, with its person beside it. */
export interface GatewayClient {
  readonly client: ConnectedClient;
  readonly person: SigningInProvider;
  /** What it was answered to its posts there, but for notifications: `mcp 401`, `token 200`. */
  readonly answered: string[];
  /** Who the server says that its person is. */
  whoAmI(): Promise<string>;
  /** The person has signed in once more; a client goes on with what came of it. */
  signedInAgain(): Promise<ConnectedClient>;
}

/** Connects a client that knows nothing but the gateway's URL, and that forgets what is refused. */
export async function signInAtGateway(
  kind: ClientKind,
  { gateway }: Pick<RunningStack, "gateway">,
  username: string,
): Promise<GatewayClient> {
  const url = new URL(gateway);
  const person = createSigningInProvider(username);
  person.forgetRefused();
  const answered: string[] = [];
  const watched = async (input: string | URL, init?: RequestInit) => {
    const response = await fetch(input, init);
    if (init?.method === "POST" && response.status !== 202) {
      answered.push(`${new URL(input).pathname.split("/").at(-1)} ${response.status}`);
    }
    return response;
  };
  const client = await connectSigningIn(kind, url, person, { fetch: watched });
  return {
    client,
    person,
    answered,
    whoAmI: async () => textOf(await client.callTool({ name: "get_user_details", arguments: {} })),
    signedInAgain: () => finishSigningIn(kind, url, person, { fetch: watched }),
  };
}
