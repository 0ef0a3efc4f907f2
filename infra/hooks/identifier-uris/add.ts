import { type Clock, systemClock } from "../clock.ts";
import { type Graph, isPassing } from "../graph.ts";
import { wantedIdentifierUris } from "./candidates.ts";
import { graphOf, type HookOptions, obstacle } from "./graph-access.ts";
import { isPlain, keepList, listNames, readList } from "./lists.ts";
import { byHand, costOf, domainOfMicrosoft, refusalOf, remedyFor, whyRefused } from "./refusal.ts";
import {
  addIdentifierUri,
  ownIdentifierUri,
  type Registration,
  type RegistrationName,
  readRegistration,
  registrationOf,
} from "./registration.ts";

export interface AddOptions extends HookOptions {
  readonly clock?: Clock;
}

const again = "To try again: azd hooks run postprovision";

/**
 * After a deployment: gives the registration every URI that clients may send as `resource`, each by
 * itself, so that a tenant's refusal costs that one alone. Entra refuses a client that sends another
 * (AADSTS9010010). Says what is missing, which clients that costs, and what an administrator can do.
 * An existing app registration is only looked at.
 */
export async function addIdentifierUris(options: AddOptions): Promise<void> {
  const { env, print, clock = systemClock } = options;
  const name = registrationOf(env);
  if (!name) {
    print("No registration is known, so none gets identifier URIs. Run: azd provision");
    return;
  }
  const wanted = wantedIdentifierUris(env).filter((uri) => isUsable(uri, print));
  const graph = await graphOf(options);
  const found = graph.ok ? await readRegistration(name, graph.value, clock) : graph;
  if (!found.ok) {
    print(`The registration ${name.clientId} could not be read: ${obstacle(found.reason)}.`);
    print(`Its identifier URIs should have ${wanted.join(", ")}. ${costOf(wanted)}`);
    print(`An administrator can look: az ad app show --id ${name.clientId} --query identifierUris`);
    print(again);
    return;
  }
  const missing = wanted.filter((uri) => !found.value.identifierUris.includes(uri));
  if (name.uniqueName === undefined) return lookAt(found.value, missing, print);
  if (graph.ok) await extend(name, found.value, missing, graph.value, { ...options, clock });
}

/** An identifier URI has a scheme, and Entra takes none that ends in a slash. */
function isUsable(uri: string, print: HookOptions["print"]): boolean {
  if (isPlain(uri) && !uri.endsWith("/")) return true;
  print(
    `${JSON.stringify(uri)} cannot be an identifier URI: one begins with a scheme, such as api:// or https://, has no white space or quotation mark, and does not end in a slash. Correct it where it is set: ${listNames.further} or MCP_PUBLIC_URL.`,
  );
  return false;
}

function lookAt(
  registration: Registration,
  missing: readonly string[],
  print: HookOptions["print"],
): void {
  const { clientId, tokenVersion } = registration;
  if (tokenVersion !== 2) {
    print("The existing app registration gives tokens of version 1, which the server refuses.");
    print(
      `An administrator can change that, first of all: az ad app update --id ${clientId} --set api.requestedAccessTokenVersion=2`,
    );
  }
  if (missing.length === 0) return;
  print(`The existing app registration lacks identifier URIs: ${missing.join(", ")}.`);
  print(costOf(missing));
  print(`An administrator can add them: ${byHand(registration, missing)}`);
}

/** Adds what is missing, and keeps what the registration has then for the next deployment. */
async function extend(
  name: RegistrationName,
  registration: Registration,
  missing: readonly string[],
  graph: Graph,
  options: AddOptions & { readonly clock: Clock },
): Promise<void> {
  const { env, print, clock } = options;
  const removed = readList(env, "removed");
  const toAdd = missing.filter((uri) => !removed.includes(uri));
  for (const uri of missing.filter((each) => removed.includes(each))) {
    const others = removed.filter((each) => each !== uri).join();
    print(`${uri} was removed from the registration, and stays out. ${costOf([uri])}`);
    print(`To have it again: azd env set ${listNames.removed} "${others}", then azd provision`);
  }
  let now = registration;
  const added: string[] = [];
  for (const [index, uri] of toAdd.entries()) {
    const list = await addIdentifierUri(name, { uri, added }, graph, clock);
    if (list.ok) {
      added.push(uri);
      now = { ...now, identifierUris: list.value };
      print(`The registration has the identifier URI ${uri}.`);
      continue;
    }
    const { reason } = list;
    if (reason.kind !== "refused" || isPassing(reason)) {
      // Whoever may not change it, or does not reach it, fails with the others too.
      const rest = toAdd.slice(index);
      print(`Identifier URIs are missing, since ${obstacle(reason)}: ${rest.join(", ")}.`);
      print(costOf(rest));
      print(
        `An owner of the registration or a Cloud Application Administrator can add them: ${byHand(now, rest)}`,
      );
      print(again);
      break;
    }
    const refusal = refusalOf(reason);
    print(
      `The registration has no identifier URI ${uri}: ${whyRefused(uri, refusal, obstacle(reason))}.`,
    );
    const publicUrl = env.MCP_URL ?? "";
    if (domainOfMicrosoft(uri) && uri !== publicUrl && now.identifierUris.includes(publicUrl)) {
      // The remedy would be a custom domain, and there is one.
      print(
        `That is no loss where clients are given ${publicUrl}, which the registration has. Those that are given the other cannot sign in, if they send it as resource (AADSTS9010010).`,
      );
      continue;
    }
    print(costOf([uri]));
    print(`An administrator can ${remedyFor(uri, refusal, byHand(now, [uri]))}`);
  }
  const accepted = now.identifierUris.filter((uri) => uri !== ownIdentifierUri(env));
  const failed = await keepList(options, "accepted", accepted.filter(isPlain));
  if (failed) print(`The registration's identifier URIs could not be noted: ${failed.detail}`);
}
