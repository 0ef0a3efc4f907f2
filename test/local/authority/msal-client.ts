/**
 * Exchanges tokens with MSAL as the server does, in a process of its own: Node.js reads
 * `NODE_EXTRA_CA_CERTS` at its start only. Takes its task on standard input, as JSON, and answers
 * likewise on standard output.
 */
import { text } from "node:stream/consumers";
import { ManagedIdentityCredential } from "@azure/identity";
import { AuthError, ConfidentialClientApplication } from "@azure/msal-node";

export interface MsalTask {
  readonly authorityHost: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly credential:
    | { readonly kind: "secret"; readonly clientSecret: string }
    | { readonly kind: "managed-identity"; readonly clientId: string };
  /** Callers' tokens, exchanged one after the other. */
  readonly assertions: readonly string[];
  readonly scopes: readonly string[];
}

export type MsalOutcome =
  | {
      readonly kind: "token";
      readonly accessToken: string;
      readonly homeAccountId: string | undefined;
      readonly fromCache: boolean;
    }
  | {
      readonly kind: "error";
      readonly name: string;
      readonly errorCode: string;
      readonly message: string;
      readonly claims: string | undefined;
    };

const task = JSON.parse(await text(process.stdin)) as MsalTask;

const { credential } = task;
const client = new ConfidentialClientApplication({
  auth: {
    clientId: task.clientId,
    authority: `${task.authorityHost}/${task.tenantId}`,
    knownAuthorities: [new URL(task.authorityHost).host],
    clientCapabilities: ["CP1"],
    ...(credential.kind === "secret"
      ? { clientSecret: credential.clientSecret }
      : { clientAssertion: () => managedIdentityAssertion(credential.clientId) }),
  },
});

const outcomes: MsalOutcome[] = [];
for (const oboAssertion of task.assertions) outcomes.push(await exchange(oboAssertion));
process.stdout.write(JSON.stringify(outcomes));

async function exchange(oboAssertion: string): Promise<MsalOutcome> {
  try {
    const result = await client.acquireTokenOnBehalfOf({ oboAssertion, scopes: [...task.scopes] });
    return {
      kind: "token",
      accessToken: result?.accessToken ?? "",
      homeAccountId: result?.account?.homeAccountId,
      fromCache: result?.fromCache ?? false,
    };
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    const { name, errorCode, errorMessage } = error;
    const claims = "claims" in error ? String(error.claims) : undefined;
    return { kind: "error", name, errorCode, message: errorMessage, claims };
  }
}

async function managedIdentityAssertion(clientId: string): Promise<string> {
  const identity = new ManagedIdentityCredential({ clientId });
  return (await identity.getToken("api://AzureADTokenExchange/.default")).token;
}
