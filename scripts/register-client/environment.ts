import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { type Azd, whyNotStarted } from "../../infra/hooks/azd.ts";
import { CommandError } from "../../local/command-line.ts";

/** What surrounds the command. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** An azd that is asked with these environment variables. */
  readonly createAzd: (env: NodeJS.ProcessEnv) => Azd;
  readonly fetch: typeof fetch;
  readonly print: (text: string) => void;
}

/** The azd environment that the command works on. */
export interface Environment {
  readonly azd: Azd;
  /** Empty where this folder has none. */
  readonly values: Readonly<Record<string, string | undefined>>;
  /** Why it has none. */
  readonly missing?: string;
}

/**
 * Reads the azd environment of this name, or the one that is the folder's default.
 *
 * @throws {CommandError} where one is named, and cannot be read
 */
export async function readEnvironment(
  name: string | undefined,
  { env: given, createAzd }: Pick<Surroundings, "env" | "createAzd">,
): Promise<Environment> {
  const env = { ...given, ...(name !== undefined && { AZURE_ENV_NAME: name }) };
  const read = await createAzd(env).values();
  if (!read.ok) {
    const { detail } = read.reason;
    if (name !== undefined)
      throw new CommandError(`The azd environment ${name} could not be read: ${detail}`);
    return { azd: createAzd(env), values: {}, missing: detail };
  }
  const { AZURE_ENV_NAME, AZURE_TENANT_ID } = read.value;
  return { azd: createAzd({ ...env, AZURE_ENV_NAME, AZURE_TENANT_ID }), values: read.value };
}

/**
 * A token for Microsoft Graph, of whoever is signed in to azd, or else to the Azure CLI.
 *
 * @throws {CommandError} where nobody is
 */
export async function graphToken({ azd, values }: Environment, endpoint: string): Promise<string> {
  const scope = `${endpoint}/.default`;
  const byAzd = await azd.accessToken(scope);
  if (byAzd.ok) return byAzd.value;
  const byAz = await azureCliToken(scope, values.AZURE_TENANT_ID);
  if ("token" in byAz) return byAz.token;
  throw new CommandError(`Nobody is signed in who could register a client, so nothing was changed.
  azd  ${byAzd.reason.detail}
  az   ${byAz.problem}
Sign in with "azd auth login" or "az login", then run this again.`);
}

const tokenSchema = z.object({ accessToken: z.string().min(1) });

/** https://learn.microsoft.com/cli/azure/account#az-account-get-access-token */
async function azureCliToken(
  scope: string,
  tenant: string | undefined,
): Promise<{ readonly token: string } | { readonly problem: string }> {
  const args = ["account", "get-access-token", "--scope", scope, "--output", "json"];
  if (tenant) args.push("--tenant", tenant);
  // On Windows az is a script, which takes a shell: what a shell reads as its own is in no argument.
  if (!args.every((argument) => /^[\w:/.-]+$/.test(argument))) {
    return { problem: "The tenant or GRAPH_ENDPOINT has characters that neither has." };
  }
  try {
    const shell = process.platform === "win32";
    const child = spawn("az", args, { shell, stdio: ["ignore", "pipe", "pipe"] });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    const [code, output, errors] = await Promise.all([
      ended,
      text(child.stdout),
      text(child.stderr),
    ]);
    if (code !== 0) return { problem: errors.trim() || `It ended with exit code ${code}.` };
    return { token: tokenSchema.parse(JSON.parse(output)).accessToken };
  } catch (error) {
    // Never what it printed: that may hold a token.
    const hasNotRun = error instanceof Error && "code" in error;
    return { problem: hasNotRun ? whyNotStarted("az", error) : "It printed no token." };
  }
}
