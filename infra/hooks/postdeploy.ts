import { readClientList, readRegisteredClients } from "../client-registrations/client-list.ts";
import { registrableClients } from "../client-registrations/known-clients.ts";
import type { Clock } from "./clock.ts";
import { askGateway } from "./gateway-metadata.ts";
import { waitUntilReady } from "./readiness.ts";

export interface PostdeployOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly print: (line: string) => void;
  /** Runs the doctor on a URL, which prints what it finds; resolves with its exit code. */
  readonly runDoctor: (url: string) => Promise<number>;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
}

const patience = 10 * 60_000;

/**
 * After `azd deploy`, and so in `azd up`: waits until the server is ready, has the doctor look at
 * it, and says what comes next.
 *
 * @returns the exit code: 0 also where the doctor has findings, since the deployment itself went
 * well, and azd would report it as failed
 */
export async function postdeploy(options: PostdeployOptions): Promise<number> {
  const { env, print, runDoctor } = options;
  const url = env.MCP_URL;
  if (!url || !URL.canParse(url)) {
    print("MCP_URL is missing from the azd environment. Run: azd provision");
    return 1;
  }
  print(`Deployed: ${url}`);
  print("Waiting until it is ready: after the first deployment this can take some minutes.");
  const readiness = await waitUntilReady({
    ...options,
    url: readinessUrl(env, url),
    patience,
    onAnswer: (answer) => print(`  not ready yet (${answer})`),
  });
  if (!readiness.ok) {
    print(`It did not get ready within ${patience / 60_000} minutes. The doctor finds out why:`);
  }
  const doctorsCode = await runDoctor(url);
  if (doctorsCode !== 0) {
    print("");
    print("The server is deployed, but something is wrong with it: see the doctor's report above.");
    print(`When that is fixed, check again with: npm run doctor -- ${url}`);
  }
  const gatewayProblem = env.GATEWAY_URL && (await askGateway(env.GATEWAY_URL, options.fetch));
  if (gatewayProblem) {
    print("");
    print(`The gateway is on, but ${gatewayProblem}`);
  }
  for (const line of nextSteps(env, url)) print(line);
  return 0;
}

/**
 * Asked at the function app itself, since a domain of one's own may not lead there yet; through API
 * Management where that is in front, since it may be the only way in.
 */
function readinessUrl(env: NodeJS.ProcessEnv, mcpUrl: string): URL {
  const gateway = env.API_MANAGEMENT_GATEWAY_URL;
  const app = env.SERVICE_MCP_HOST_NAME && `https://${env.SERVICE_MCP_HOST_NAME}`;
  const base = gateway || app || mcpUrl;
  return new URL("/health/ready", base);
}

function nextSteps(env: NodeJS.ProcessEnv, url: string): string[] {
  return [
    "",
    "Next:",
    '  VS Code      open .vscode/mcp.json, choose Start above "azure", and give it the URL',
    `               ${url}`,
    ...registeredClients(env, url),
    ...(env.GATEWAY_URL
      ? [
          `  Gateway      ${env.GATEWAY_URL}`,
          "               for clients that Entra does not let in: the URL alone, no client id (docs/gateway.md)",
        ]
      : []),
    `  Your client  npm run connect -- CLIENT --url ${url}`,
    ...(env.ALERT_EMAIL
      ? []
      : ["  Alerts       none: azd env set ALERT_EMAIL ADDRESS, azd provision"]),
    ...consent(env),
  ];
}

/** What the deployment has registered, with the command that prints what to enter in each. */
function registeredClients(env: NodeJS.ProcessEnv, url: string): string[] {
  return [...readRegisteredClients(env.REGISTERED_CLIENTS)].flatMap(([name, clientId]) => {
    const client = Object.hasOwn(registrableClients, name) ? registrableClients[name] : undefined;
    if (client === undefined) return [];
    const command =
      name === "bridge"
        ? `npm run connect -- claude-desktop --url ${url} --client-id ${clientId}`
        : `npm run connect -- ${name} --url ${url} --client-id ${clientId}`;
    const isCallbackMissing =
      client.callbackKnownAfterwards && !readClientList(env.REGISTER_CLIENTS).get(name)?.length;
    const isLeftOut =
      env.ALLOWED_CLIENT_IDS &&
      !env.ALLOWED_CLIENT_IDS.toLowerCase().includes(clientId.toLowerCase());
    return [
      `  ${client.title.padEnd(12)} ${command}`,
      ...(isCallbackMissing
        ? [
            `               once it shows its callback: npm run register-client -- ${name} --callback URL`,
          ]
        : []),
      ...(isLeftOut
        ? [`               ALLOWED_CLIENT_IDS leaves it out: add ${clientId}, azd provision`]
        : []),
    ];
  });
}

/** What is left to an administrator where the deployment was not told to grant consent. */
function consent(env: NodeJS.ProcessEnv): string[] {
  const clientId = env.ENTRA_APPLICATION_CLIENT_ID;
  const isMadeHere = Boolean(env.ENTRA_APPLICATION_UNIQUE_NAME);
  const isGranted = /^(?:true|t|1)$/i.test(env.GRANT_ADMIN_CONSENT ?? "");
  if (!clientId || !isMadeHere || isGranted) return [];
  return [
    "  Consent      unless that is done, an administrator has to grant it once for the tenant; until then",
    "               get_user_details fails (AADSTS65001), and nobody counts as an administrator:",
    `               az ad app permission admin-consent --id ${clientId}`,
    '               or "Grant admin consent" at',
    `               https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/CallAnAPI/appId/${clientId}`,
    "               or, with the right to do so: azd env set GRANT_ADMIN_CONSENT true, azd provision",
  ];
}
