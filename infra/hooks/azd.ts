import { spawn } from "node:child_process";
import { isObject, parseJson } from "../../src/core/encoding.ts";
import { failure, type Result, success } from "../../src/core/result.ts";

/** What the hooks, and `npm run register-client`, ask of the Azure Developer CLI. */
export interface Azd {
  /** Every value of the azd environment, for whom azd has not started with them. */
  values(): Promise<Result<Readonly<Record<string, string>>, AzdFailure>>;
  /** An access token for the account that is signed in to azd. */
  accessToken(scope: string): Promise<Result<string, AzdFailure>>;
  /** Keeps a value in the azd environment, `.azure/NAME/.env`; azd rereads it after every hook. */
  keep(name: string, value: string): Promise<Result<void, AzdFailure>>;
}

export interface AzdFailure {
  readonly kind: "azd-failed";
  /** The command's words, without values. */
  readonly command: string;
  /** What azd said on standard error, never its output. */
  readonly detail: string;
}

/**
 * azd as a command. The environment's name and the tenant are passed on, because azd would
 * otherwise take the default environment, not the one of `azd down -e NAME`.
 */
export function createAzd(env: NodeJS.ProcessEnv): Azd {
  const environment = env.AZURE_ENV_NAME ? ["--environment", env.AZURE_ENV_NAME] : [];
  return {
    async values() {
      const command = "azd env get-values";
      const answer = await run(["env", "get-values", "--output", "json", ...environment], command);
      if (!answer.ok) return answer;
      const values = valuesIn(answer.value);
      return values ? success(values) : failedWith(command, "It printed no values.");
    },
    async accessToken(scope) {
      const tenant = env.AZURE_TENANT_ID ? ["--tenant-id", env.AZURE_TENANT_ID] : [];
      const answer = await run(
        ["auth", "token", "--scope", scope, "--output", "json", ...tenant],
        "azd auth token",
      );
      if (!answer.ok) return answer;
      const token = tokenIn(answer.value);
      return token === undefined
        ? failedWith("azd auth token", "It printed no token.")
        : success(token);
    },
    async keep(name, value) {
      const answer = await run(["env", "set", name, value, ...environment], "azd env set");
      return answer.ok ? success(undefined) : answer;
    },
  };

  function run(args: readonly string[], command: string): Promise<Result<string, AzdFailure>> {
    return new Promise((resolve) => {
      const child = spawn("azd", [...args, "--no-prompt"], {
        env,
        stdio: ["ignore", "pipe", "pipe"],
      });
      let output = "";
      let errors = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        errors += text;
      });
      child.once("error", (error) => resolve(failedWith(command, whyNotStarted("azd", error))));
      child.once("close", (code) => {
        const detail = errors.trim() || `It ended with exit code ${code}.`;
        resolve(code === 0 ? success(output) : failedWith(command, detail));
      });
    });
  }
}

const whereToGet = {
  azd: "https://aka.ms/azd-install",
  az: "https://aka.ms/azure-cli",
} as const;

/** Why a command did not start, and what to do. */
export function whyNotStarted(command: keyof typeof whereToGet, error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOENT"
    ? `${command} is not installed, or not on the PATH: ${whereToGet[command]}`
    : `${command} could not be started (${code}).`;
}

function failedWith(command: string, detail: string): Result<never, AzdFailure> {
  return failure({ kind: "azd-failed", command, detail });
}

function valuesIn(output: string): Readonly<Record<string, string>> | undefined {
  const values = parseJson(output);
  if (!isObject(values)) return undefined;
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      typeof value === "string" ? [[name, value]] : [],
    ),
  );
}

function tokenIn(output: string): string | undefined {
  const answer = parseJson(output);
  const token = isObject(answer) ? answer.token : undefined;
  return typeof token === "string" && token !== "" ? token : undefined;
}
