import { isObject } from "../../src/core/encoding.ts";
import { systemClock } from "./clock.ts";
import { graphOf, type HookOptions, obstacle } from "./identifier-uris/graph-access.ts";
import { isPlain } from "./identifier-uris/lists.ts";
import { untilVisible } from "./identifier-uris/registration.ts";

const properties = "isFallbackPublicClient,publicClient,spa,web,passwordCredentials,keyCredentials";

/**
 * After a deployment with the gateway: looks at the registration that it signs people in with, whether the
 * template has made it or an administrator, and says what it lacks and what it has too much. It changes
 * nothing.
 *
 * Whatever else signs people in with this registration gets at the API's data, since nobody is asked for
 * consent: a further redirect URI, a secret, a sign-in by device code.
 */
export async function lookAtGatewayRegistration(options: HookOptions): Promise<void> {
  const { env, print, clock = systemClock } = options;
  const { GATEWAY_URL: url, ENTRA_GATEWAY_CLIENT_ID: clientId } = env;
  if (!url || !clientId) return;
  const graph = await graphOf(options);
  const found = graph.ok
    ? await untilVisible(
        () => graph.value.get(`/applications(appId='${clientId}')?$select=${properties}`),
        (answer) => answer.ok && answer.value === undefined,
        clock,
      )
    : graph;
  const unread = (detail: string) =>
    print(`The gateway's registration ${clientId} could not be looked at: ${detail}.`);
  if (!found.ok) return unread(obstacle(found.reason));
  if (!isObject(found.value)) return unread(obstacle({ kind: "absent" }));

  const callback = url.replace(/\/mcp$/, "/callback");
  const web = redirectUrisOf(found.value, "web");
  if (!web.includes(callback)) {
    print(
      `The gateway's registration sends nobody back to ${callback}: people who sign in get AADSTS50011.`,
    );
    print(
      `An administrator can add it: az ad app update --id ${clientId} --web-redirect-uris ${[...web.filter(isPlain), callback].join(" ")}`,
    );
  }
  const others = ["web", "spa", "publicClient"]
    .flatMap((platform) => redirectUrisOf(found.value, platform))
    .filter((uri) => uri !== callback);
  for (const uri of others) {
    print(
      `The gateway's registration sends people to ${JSON.stringify(uri).replace(/[^ -~]/g, "?")} too, where nobody has asked them for consent. Take it out (Entra admin center, App registrations, Authentication).`,
    );
  }
  const { isFallbackPublicClient, passwordCredentials, keyCredentials } = found.value;
  if (isFallbackPublicClient === true) {
    print(
      "The gateway's registration lets people sign in by device code, which anybody could ask them to enter. Switch that off (Authentication, Allow public client flows).",
    );
  }
  if (
    [passwordCredentials, keyCredentials].some((list) => Array.isArray(list) && list.length > 0)
  ) {
    print(
      "The gateway's registration has a secret or a certificate, which the server does not use: whoever has it can take the gateway's place with Entra. Remove it (Certificates & secrets).",
    );
  }
  if (graph.ok && env.ENTRA_CLIENT_ID) {
    const api = await graph.value.get(`/applications(appId='${env.ENTRA_CLIENT_ID}')?$select=api`);
    if (!api.ok || preAuthorizes(api.value, clientId)) return;
    print(
      `The existing app registration ${env.ENTRA_CLIENT_ID} does not pre-authorise the gateway's: people see a consent screen of Entra's, or cannot sign in where they may not consent.`,
    );
    print(
      `An administrator can add ${clientId} there: Entra admin center, App registrations, Expose an API, Authorized client applications.`,
    );
  }
}

function redirectUrisOf(application: unknown, platform: string): string[] {
  const settings = isObject(application) ? application[platform] : undefined;
  const uris = isObject(settings) ? settings.redirectUris : undefined;
  return Array.isArray(uris) ? uris.filter((uri) => typeof uri === "string") : [];
}

/** Entra writes ids in lower case; a person may not. */
function preAuthorizes(application: unknown, clientId: string): boolean {
  const api = isObject(application) ? application.api : undefined;
  const clients = isObject(api) ? api.preAuthorizedApplications : undefined;
  return (
    Array.isArray(clients) &&
    clients.some(
      (client) => isObject(client) && String(client.appId).toLowerCase() === clientId.toLowerCase(),
    )
  );
}
