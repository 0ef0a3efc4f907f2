/**
 * `npm run token -- ACCOUNT`: an access token of a local account, on standard output alone, by the
 * sign-in that every client goes through.
 */
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
  const { accessToken } = await signIn({
    username: account.includes("@") ? account : `${account}@contoso.example`,
    clientName: "npm run token",
    ...(values.gateway
      ? { issuer: gateway, scope: apiScope, resource: `${gateway}/mcp` }
      : { issuer: stack.issuer, scope: `${apiIdentifierUri}/${apiScope}` }),
  });
  console.log(accessToken);
});
