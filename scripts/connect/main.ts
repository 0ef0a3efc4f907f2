/**
 * `npm run connect -- CLIENT`: prints what makes an MCP client know a server, or writes it into the
 * client's file. It runs no other program but azd, which knows the deployment's own clients.
 */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import domain from "../../infra/domain.json" with { type: "json" };
import { CommandError, readArguments, runCommand } from "../../local/command-line.ts";
import { dataFolder } from "../../local/paths.ts";
import { runningStacks } from "../../local/stack-record.ts";
import { bridgeEntry, bridgeHere, installedBridge } from "./bridge-entry.ts";
import { changeFile, withEntry, withoutEntry } from "./client-file.ts";
import {
  type Client,
  clients,
  entryOf,
  gatewayUrlOf,
  isGatewayUrl,
  isOnThisMachine,
  readUrl,
  type Server,
} from "./clients.ts";
import { deployedServer, isClientId } from "./deployed-server.ts";
import { describedServer } from "./described-server.ts";

const names = Object.keys(clients).join(", ");

const usage = `Usage: npm run connect -- CLIENT [options]

Prints the configuration with which an MCP client finds the server, or writes it into the client's file.
The clients are ${names}. What works with each: docs/clients.md`;

await runCommand(async () => {
  const { values, positionals } = readArguments(
    usage,
    {
      url: {
        value: "URL",
        description: "the server's MCP URL, unless it is the stack started last",
      },
      name: { value: "NAME", description: `the entry's name, unless ${domain.name}(-local)` },
      data: { value: "FOLDER", description: "the folder that the stack was started with" },
      "client-id": { value: "ID", description: "the client's own registration in Entra" },
      gateway: { description: "the server's gateway: its URL alone, no registration in Entra" },
      bridge: { description: "the client starts the bridge, whose registration --client-id names" },
      write: { description: "write it into the client's file, and leave all else there" },
      undo: { description: "take out of the client's file what --write wrote" },
    },
    1,
  );
  const [command = ""] = positionals;
  const client = Object.hasOwn(clients, command) ? clients[command] : undefined;
  if (client === undefined) {
    const problem = command === "" ? "Name a client" : `${command} is no client known here`;
    throw new CommandError(`${problem}: npm run connect -- CLIENT\nThe clients are ${names}.`);
  }
  const { file, title } = client;
  if (values.write && values.undo) throw new CommandError("Choose one of --write and --undo.");
  if (values.bridge && file === undefined) {
    throw new CommandError(`${title} calls from its maker's cloud, and starts no bridge.`);
  }
  if ((values.write || values.undo) && file === undefined) {
    throw new CommandError(
      `${title} takes no remote server from a file. Without --write or --undo, this prints what to enter.`,
    );
  }
  const given = values.url === undefined ? undefined : readUrl(values.url);
  const clientId = values["client-id"];
  if (clientId !== undefined && !isClientId(clientId)) {
    throw new CommandError("--client-id takes an application (client) id of Entra, a GUID.");
  }
  const isLocal = given === undefined || isOnThisMachine(given);
  const isGateway = values.gateway === true || (given !== undefined && isGatewayUrl(given));
  if (isGateway) refuseAtGateway(client, values);
  const usualName = `${domain.name}${isGateway ? "-gateway" : ""}${isLocal ? "-local" : ""}`;
  const name = values.name ?? usualName;
  if (!/^\w[\w-]{0,39}$/.test(name)) {
    throw new CommandError("--name takes at most 40 letters, digits, - and _, no - first.");
  }
  const machine = { platform: process.platform, home: homedir(), env: process.env };
  const place = file && { ...file, path: file.path(machine), name };

  if (values.undo && place) {
    const isUndone = await changeFile(place, (text) => withoutEntry(text, place, given));
    const nothing = `${place.path} has no ${name}: nothing to undo.`;
    console.log(isUndone ? `Took ${name} out of ${place.path}` : nothing);
    return;
  }
  const serverUrl = given ?? (await stackUrl(values.data ?? dataFolder));
  const url = isGateway ? gatewayUrlOf(serverUrl) : serverUrl;
  if (file === undefined && isLocal) {
    throw new CommandError(
      `${title} reaches servers on the internet only, so not ${url}. Name a deployed server with --url. Claude Desktop reaches it through the bridge: npm run connect -- claude-desktop`,
    );
  }
  const isBridged = values.bridge || client.needsBridge === true;
  const ownRegistration = isBridged ? "bridge" : client.registration;
  // The gateway knows its clients itself.
  const registration = isGateway ? undefined : ownRegistration;
  const known = isLocal || isGateway ? {} : await deployedServer(url, registration);
  const dataFolderGiven = values.data === undefined ? undefined : resolve(values.data);
  const registered = {
    ...{ ...known, name, url, clientId: clientId ?? known.clientId },
    ...(isBridged && {
      bridge: { ...bridgeHere, ...(isLocal && { dataFolder: dataFolderGiven }) },
    }),
  };
  const needsClientId = !isLocal && registered.clientId === undefined && registration !== undefined;
  if (isBridged && needsClientId && values.write) {
    throw new CommandError(
      `The bridge needs the client id of a registration (--client-id ID), and nothing is changed. To make one: npm run register-client -- ${registration}`,
    );
  }
  const asksForScope =
    !isLocal &&
    !isGateway &&
    !isBridged &&
    client.takesScope &&
    (registered.clientId !== undefined || file === undefined);
  const isToBeAsked = asksForScope && known.scope === undefined;
  const { byHand, next: usualNext } = { ...client, ...(isGateway && client.throughGateway) };
  const server: Server = { ...registered, ...(isToBeAsked && (await describedServer(url))) };
  if (place && values.write) {
    const entry = entryOf(place, server);
    const isNew = await changeFile(place, (text) => withEntry(text, place, entry));
    const done = isNew ? `Wrote ${name} into ${place.path}` : `${place.path} has ${name} already`;
    console.log(`${done}\nTo undo: npm run connect -- ${command} --undo --name ${name}`);
  } else if (place) {
    const shown = { ...server, ...(isBridged && needsClientId && { clientId: "CLIENT_ID" }) };
    const configuration = { [place.member]: { [name]: entryOf(place, shown) } };
    console.log(`${title}, in ${place.path} (--write writes it):\n`);
    console.log(`${JSON.stringify(configuration, null, 2)}\n`);
    if (isBridged && !isLocal) {
      const { command, args } = bridgeEntry(shown, installedBridge);
      console.log(
        `That starts the bridge of this folder. Where its package is installed (docs/bridge.md):\n  "command": "${command}", "args": ${JSON.stringify(args)}\n`,
      );
    }
    if (!values.bridge) console.log(`Or: ${byHand(server)}\n`);
  } else {
    console.log(`${title}: ${byHand(server)}\n`);
  }
  const next = values.bridge && !client.needsBridge ? "start the client again." : usualNext;
  console.log(`Then: ${next}`);
  if (isGateway && !isLocal) {
    console.log(
      "The server has to have its gateway on, and GATEWAY_REGISTRATION=on where the client registers itself (docs/clients.md#through-the-gateway).",
    );
  }
  if (isBridged) {
    console.log(
      "The bridge opens the sign-in page in your browser when it first needs the server.",
    );
    if (isLocal && clientId === undefined) await warnOfOtherFolder(url, dataFolderGiven);
  }
  if (asksForScope && server.scope === undefined) {
    console.log(
      `${url} did not say which scope it has, so the scope is not in there. Enter it with offline_access beside it, or people may have to sign in every hour (docs/clients.md).`,
    );
  }
  if (needsClientId) {
    console.log(
      `At Entra this ${isBridged ? "takes a registration for the bridge" : "client needs a registration of its own"} (--client-id ID). To make one: npm run register-client -- ${registration}`,
    );
  }
});

/** @throws {CommandError} where the gateway is no way for the client, or takes nothing of what was given */
function refuseAtGateway(
  { title, file, needsBridge, throughGateway }: Client,
  given: { readonly "client-id"?: string | undefined; readonly bridge?: boolean | undefined },
): void {
  if (needsBridge) {
    throw new CommandError(
      `${title} starts programs only. The bridge reaches /mcp: leave --gateway out. For the gateway it can start mcp-remote (docs/clients.md#through-the-gateway).`,
    );
  }
  if (file === undefined && throughGateway === undefined) {
    throw new CommandError(`${title} has a way of its own into Entra: leave --gateway out.`);
  }
  if (given["client-id"] !== undefined || given.bridge) {
    throw new CommandError(
      "The gateway takes its URL alone: --client-id and --bridge are for /mcp.",
    );
  }
}

/** The bridge finds a laptop stack by its folder; a client's log is where few people would look for that. */
async function warnOfOtherFolder(url: string, folder = dataFolder): Promise<void> {
  const stacks = await runningStacks(join(folder, "stacks"));
  const port = Number(new URL(url).port || 80);
  if (stacks.some((stack) => stack.port === port)) return;
  console.log(
    `No laptop stack runs at port ${port} now. Start it first; where it was started with --data FOLDER, give the same here.`,
  );
}

async function stackUrl(folder: string): Promise<string> {
  const [stack] = await runningStacks(join(folder, "stacks"));
  if (stack) return `http://localhost:${stack.port}/mcp`;
  throw new CommandError(
    "No stack is running on this machine. Start one in another terminal (npm start), or name a server: --url URL. A stack that was started with --data FOLDER is found with the same here.",
  );
}
