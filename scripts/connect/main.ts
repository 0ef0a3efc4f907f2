/**
 * `npm run connect -- CLIENT`: prints what makes an MCP client know a server, or writes it into the
 * client's file. It runs no other program but azd, which knows the deployment's own clients.
 */
import { homedir } from "node:os";
import { join } from "node:path";
import domain from "../../infra/domain.json" with { type: "json" };
import { CommandError, readArguments, runCommand } from "../../local/command-line.ts";
import { dataFolder } from "../../local/paths.ts";
import { runningStacks } from "../../local/stack-record.ts";
import { changeFile, withEntry, withoutEntry } from "./client-file.ts";
import { clients, isOnThisMachine, readUrl } from "./clients.ts";
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
  const name = values.name ?? (isLocal ? `${domain.name}-local` : domain.name);
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
  const url = given ?? (await stackUrl(values.data ?? dataFolder));
  if (file === undefined && isLocal) {
    throw new CommandError(
      `${title} reaches servers on the internet only, so not ${url}. Name a deployed server with --url. What starts programs on this machine, as Claude Desktop does, reaches it through the bridge: npm run bridge -- --url ${url} (docs/bridge.md).`,
    );
  }
  const known = isLocal ? {} : await deployedServer(url, client.registration);
  const registered = { ...known, name, url, clientId: clientId ?? known.clientId };
  const asksForScope =
    !isLocal && client.takesScope && (registered.clientId !== undefined || file === undefined);
  const isToBeAsked = asksForScope && known.scope === undefined;
  const server = { ...registered, ...(isToBeAsked && (await describedServer(url))) };
  if (place && values.write) {
    const entry = place.entry(server);
    const isNew = await changeFile(place, (text) => withEntry(text, place, entry));
    const done = isNew ? `Wrote ${name} into ${place.path}` : `${place.path} has ${name} already`;
    console.log(`${done}\nTo undo: npm run connect -- ${command} --undo --name ${name}`);
  } else if (place) {
    const configuration = { [place.member]: { [name]: place.entry(server) } };
    console.log(`${title}, in ${place.path} (--write writes it):\n`);
    console.log(`${JSON.stringify(configuration, null, 2)}\n\nOr: ${client.byHand(server)}\n`);
  } else {
    console.log(`${title}: ${client.byHand(server)}\n`);
  }
  console.log(`Then: ${client.next}`);
  if (asksForScope && server.scope === undefined) {
    console.log(
      `${url} did not say which scope it has, so the scope is not in there. Enter it with offline_access beside it, or people may have to sign in every hour (docs/clients.md).`,
    );
  }
  if (!isLocal && server.clientId === undefined && client.registration !== undefined) {
    console.log(
      `At Entra this client needs a registration of its own (--client-id ID). To make one: npm run register-client -- ${client.registration}`,
    );
  }
});

async function stackUrl(folder: string): Promise<string> {
  const [stack] = await runningStacks(join(folder, "stacks"));
  if (stack) return `http://localhost:${stack.port}/mcp`;
  throw new CommandError(
    "No stack is running on this machine. Start one in another terminal (npm start), or name a server: --url URL",
  );
}
