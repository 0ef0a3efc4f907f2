/**
 * `npm run token -- ACCOUNT`: an access token of a local account, on standard output alone, by the
 * sign-in that every client goes through.
 */
import { isObject } from "../src/core/encoding.ts";
import { CommandError, readArguments, readPort, runCommand } from "./command-line.ts";
import { accounts, apiIdentifierUri, apiScope } from "./directory.ts";
import { findStack } from "./find-stack.ts";
import { dataFolder } from "./paths.ts";
import { gatewayIssuerOf } from "./settings.ts";
import { signIn } from "./sign-in.ts";

await runCommand(async () => {
  const { values, positionals } = readArguments(
    "Usage: npm run token -- ACCOUNT [--gateway] [--stack PORT]",
    {
      gateway: { description: "a token of the gateway, for /gateway/mcp, instead of Entra's" },
      stack: { value: "PORT", description: "the stack whose server is at this port" },
      data: { value: "FOLDER", description: "the folder that the stack was started with" },
    },
    1,
  );
  const [account] = positionals;
  if (account === undefined) {
    const names = accounts.map(({ username }) => username).join(", ");
    throw new CommandError(
      `Name one account: npm run token -- ACCOUNT\nThe accounts are ${names}.`,
    );
  }
  const stack = await findStack(values.data ?? dataFolder, readPort("stack", values.stack));
  const gateway = gatewayIssuerOf(`http://localhost:${stack.port}/mcp`);
  if (values.gateway) await checkGateway(gateway);
  const { accessToken } = await signIn({
    username: account.includes("@") ? account : `${account}@contoso.example`,
    clientName: "npm run token",
    ...(values.gateway
      ? { issuer: gateway, scope: apiScope, resource: `${gateway}/mcp` }
      : { issuer: stack.issuer, scope: `${apiIdentifierUri}/${apiScope}` }),
  });
  console.log(accessToken);
});

/** Says what a client would be told in words that name no setting: the gateway is off, or takes no new client. */
async function checkGateway(issuer: string): Promise<void> {
  const url = issuer.replace(/\/gateway$/, "/.well-known/oauth-authorization-server/gateway");
  const response = await fetch(url).catch(() => undefined);
  // Where nothing answers, the sign-in says what to do.
  if (!response) return;
  if (response.status === 404) {
    throw new CommandError("The gateway of this stack is off. Start it without GATEWAY=off.");
  }
  const metadata: unknown = await response.json().catch(() => undefined);
  if (isObject(metadata) && metadata.registration_endpoint === undefined) {
    throw new CommandError(
      "The gateway of this stack lets no client register itself, as this command does. Start it without GATEWAY_REGISTRATION=off.",
    );
  }
}
