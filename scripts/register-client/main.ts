/** `npm run register-client -- NAME`: registers an MCP client in the Entra tenant. */

import { createAzd } from "../../infra/hooks/azd.ts";
import { readArguments, runCommand } from "../../local/command-line.ts";
import { names, registerClient } from "./register-client.ts";

const usage = `Usage: npm run register-client -- NAME [options]

Makes a registration in the Entra tenant for an MCP client, lets it use the server without a consent
screen, and prints what to enter where. A second time changes nothing.
The clients are ${names}.`;

await runCommand(async () => {
  const { values, positionals } = readArguments(
    usage,
    {
      callback: {
        value: "URL",
        description: "where the client has people sent back, if it says so",
      },
      environment: {
        value: "NAME",
        description: "the azd environment, unless it is the default one",
      },
      api: { value: "ID", description: "the client id of the server's registration, without azd" },
    },
    1,
  );
  await registerClient(
    { ...values, client: positionals[0] },
    { env: process.env, createAzd, fetch, print: console.log },
  );
});
