/**
 * Before `azd provision`, and so in `azd up`. First, a variable that has been replaced is refused, and a
 * value that is no boolean or number: azd would drop either without a word, and deploy the default.
 * Second, a function app on Flex Consumption that is to have a subnet needs a resource provider that
 * Azure does not register by itself, because no resource of the template is of its kind: the subnet is
 * only delegated to it. Third, the registrations for clients are looked at: the template would take over what
 * somebody else has registered under a client's name. Fourth, the identifier URIs that the registration has
 * by now are noted, so that the template does not undo what somebody has changed by hand.
 *
 * Plain JavaScript without packages, for the machine's own Node: azd may be installing the packages
 * at this very moment.
 *
 * @see https://learn.microsoft.com/azure/azure-functions/flex-consumption-how-to#enable-virtual-network-integration
 * @see https://learn.microsoft.com/rest/api/resources/providers/register
 * @see https://github.com/Azure/azure-dev/blob/main/cli/azd/pkg/infra/provisioning/bicep/bicep_provider.go
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { runTypeScript } from "./typescript.mjs";

const namespace = "Microsoft.App";
const patienceMilliseconds = 5 * 60_000;
const pauseMilliseconds = 2_000;

/** What azd, a Go program, can read as a parameter of each type (`ParseBool`, `ParseInt`). */
const readable = {
  bool: [/^(?:1|t|T|TRUE|true|True|0|f|F|FALSE|false|False)$/, "neither true nor false"],
  int: [/^[+-]?\d{1,18}$/, "no whole number"],
};

/** Variables of earlier versions, and what to set instead. */
const replaced = {
  PREAUTHORIZED_CLIENT_IDS:
    "set PRE_AUTHORIZED_CLIENTS, which takes names such as vscode beside client ids.",
  ENTRA_PROFILE:
    "one registration now has every identifier URI. For a scope that begins with the server's URL, set SCOPE_IDENTIFIER_URI to that URL.",
};

const { env } = process;
const refusals = [...replacedVariables(), ...contradictions(), ...(await unreadableValues())];
for (const line of refusals) console.error(line);
if (refusals.length > 0) {
  console.error("Set each with: azd env set NAME VALUE. Nothing was deployed.");
  process.exitCode = 1;
} else {
  if (/^[1tT]/.test(env.USE_VIRTUAL_NETWORK ?? "")) await ensureRegistered();
  if (process.exitCode === undefined && env.REGISTER_CLIENTS) await checkClients();
  if (process.exitCode === undefined && env.ENTRA_APPLICATION_CLIENT_ID)
    await refreshIdentifierUris();
}

async function checkClients() {
  const problem = await runTypeScript("./identifier-uris/main.ts", ["check-clients"]);
  if (!problem) return;
  console.error(`The clients of REGISTER_CLIENTS are not registered. ${problem}`);
  process.exitCode = 1;
}

async function refreshIdentifierUris() {
  const problem = await runTypeScript("./identifier-uris/main.ts", ["refresh"]);
  if (!problem) return;
  const known = env.ACCEPTED_IDENTIFIER_URIS || "none beside the api:// one";
  console.log(`The registration's identifier URIs could not be read. ${problem}`);
  console.log(
    `It keeps the last known ones: ${known}. Whatever was added by hand since is removed, the callbacks of clients too.`,
  );
}

/** A line for every variable that is set and that a newer one has replaced. */
function replacedVariables() {
  return Object.entries(replaced).flatMap(([name, instead]) =>
    env[name] ? [`${name} is no longer read: ${instead} Then: azd env set ${name} ""`] : [],
  );
}

/** The template passes over one of the two. */
function contradictions() {
  return env.ENTRA_CLIENT_ID && env.SCOPE_IDENTIFIER_URI
    ? [
        `SCOPE_IDENTIFIER_URI is for a registration that is made here: with ENTRA_CLIENT_ID, set ENTRA_IDENTIFIER_URI instead, and SCOPE_IDENTIFIER_URI to "".`,
      ]
    : [];
}

/** A line for every variable that is set and that azd cannot read as its parameter's type. */
async function unreadableValues() {
  const read = (name) => readFile(new URL(`../${name}`, import.meta.url), "utf8");
  const declared = (await read("main.bicep")).matchAll(/^param (\w+) (bool|int)\b/gm);
  const types = new Map([...declared].map(([, name, type]) => [name, type]));
  const { parameters } = JSON.parse(await read("main.parameters.json"));
  return Object.entries(parameters).flatMap(([name, { value }]) => {
    const variable = /^\$\{(\w+)/.exec(value)?.[1] ?? "";
    const [pattern, problem] = readable[types.get(name)] ?? [];
    const given = env[variable];
    // An empty one is the default to azd, as if it were not set.
    if (!given || !pattern || pattern.test(given)) return [];
    return [`${variable} is ${problem}: ${given}`];
  });
}

async function ensureRegistered() {
  const byHand = `az provider register --namespace ${namespace}`;
  if (!env.AZURE_SUBSCRIPTION_ID) {
    // `azd provision` asks for the subscription after this hook, the first time.
    console.log(`The virtual network needs ${namespace}, registered by: ${byHand}`);
    return;
  }
  try {
    if (await isRegistered("GET", "")) return;
    console.log(`Registering ${namespace}, which the virtual network needs.`);
    await isRegistered("POST", "/register");
    const giveUpAt = Date.now() + patienceMilliseconds;
    while (!(await isRegistered("GET", ""))) {
      if (Date.now() > giveUpAt) throw new Error("It was not done within five minutes.");
      await sleep(pauseMilliseconds);
    }
  } catch (error) {
    console.error(`${namespace} could not be registered: ${reasonOf(error)}`);
    console.error(`Have somebody with the right to register resource providers run: ${byHand}`);
    process.exitCode = 1;
  }
}

/** Asks for, or sets off, the registration; tells whether it is complete. */
async function isRegistered(method, action) {
  const manager = (env.RESOURCE_MANAGER_ENDPOINT || "https://management.azure.com").replace(
    /\/$/,
    "",
  );
  const path = `/subscriptions/${env.AZURE_SUBSCRIPTION_ID}/providers/${namespace}${action}`;
  const response = await fetch(`${manager}${path}?api-version=2021-04-01`, {
    method,
    headers: { authorization: `Bearer ${await accessToken(`${manager}/.default`)}` },
    redirect: "error",
    signal: AbortSignal.timeout(30_000),
  });
  if (!response.ok) throw new Error(`Azure Resource Manager answered ${response.status}.`);
  const { registrationState } = await response.json();
  return registrationState === "Registered";
}

async function accessToken(scope) {
  const tenant = env.AZURE_TENANT_ID ? ["--tenant-id", env.AZURE_TENANT_ID] : [];
  const { stdout } = await promisify(execFile)("azd", [
    ...["auth", "token", "--scope", scope, "--output", "json", "--no-prompt"],
    ...tenant,
  ]);
  const { token } = JSON.parse(stdout);
  // `fetch` would put it into its error's message.
  if (!/^[\w.~+/=-]+$/.test(token)) throw new Error("What azd printed is no access token.");
  return token;
}

/** What a failed azd says on standard error, or why a request failed; never what azd printed. */
function reasonOf(error) {
  if (typeof error?.stderr === "string" && error.stderr !== "") return error.stderr.trim();
  if (error?.code === "ENOENT") {
    return "azd is not installed, or not on the PATH: https://aka.ms/azd-install";
  }
  // The message of a syntax error has a piece of what azd printed.
  if (error instanceof SyntaxError) return "The answer is no JSON.";
  const cause = error?.cause ?? error;
  return cause instanceof Error ? cause.message : String(cause);
}
