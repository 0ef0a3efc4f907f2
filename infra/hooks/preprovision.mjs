/**
 * Before `azd provision`, and so in `azd up`: a function app on Flex Consumption that is to have a
 * subnet needs a resource provider that Azure does not register by itself, because no resource of
 * the template is of its kind: the subnet is only delegated to it.
 *
 * Plain JavaScript without packages, for the machine's own Node: azd may be installing the packages
 * at this very moment.
 *
 * @see https://learn.microsoft.com/azure/azure-functions/flex-consumption-how-to#enable-virtual-network-integration
 * @see https://learn.microsoft.com/rest/api/resources/providers/register
 */
import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const namespace = "Microsoft.App";
const patienceMilliseconds = 5 * 60_000;
const pauseMilliseconds = 2_000;

const { env } = process;
// As azd reads a parameter that is true.
if (/^(?:true|t|1)$/i.test(env.USE_VIRTUAL_NETWORK ?? "")) await ensureRegistered();

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
  return JSON.parse(stdout).token;
}

/** What a failed azd says on standard error, or why a request failed; never what azd printed. */
function reasonOf(error) {
  if (typeof error?.stderr === "string" && error.stderr !== "") return error.stderr.trim();
  const cause = error?.cause ?? error;
  return cause instanceof Error ? cause.message : String(cause);
}
