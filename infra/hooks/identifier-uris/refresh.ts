import { graphOf, type HookOptions, obstacle } from "./graph-access.ts";
import { isPlain, keepList, listNames, readList } from "./lists.ts";
import { ownIdentifierUri, readRegistration, registrationOf } from "./registration.ts";

/**
 * Before a deployment: takes over what the registration has by now. What an administrator has added by
 * hand stays, and what somebody has removed is not brought back. Where the registration cannot be
 * read, the template gives it the last known list.
 *
 * An existing app registration is not the template's: nothing is done.
 */
export async function refreshIdentifierUris(options: HookOptions): Promise<void> {
  const { env, print } = options;
  const name = registrationOf(env);
  if (name?.uniqueName === undefined) return;
  const before = readList(env, "accepted");
  const graph = await graphOf(options);
  const found = graph.ok ? await readRegistration(name, graph.value) : graph;
  if (!found.ok && found.reason.kind === "absent") {
    // A new one would be refused with a URI that the tenant no longer takes.
    print(
      `The registration ${name.clientId} is gone: it is made again, with the api:// URI alone.`,
    );
    return keep([], []);
  }
  if (!found.ok) {
    const known = before.length > 0 ? before.join(", ") : "none beside the api:// one";
    print(`The registration's identifier URIs could not be read: ${obstacle(found.reason)}.`);
    print(`It keeps the last known ones: ${known}. Whatever was added by hand since is removed.`);
    return;
  }
  const accepted = found.value.identifierUris.filter((uri) => uri !== ownIdentifierUri(env));
  for (const uri of accepted.filter((each) => !isPlain(each))) {
    print(
      `The identifier URI ${JSON.stringify(uri)} has characters that no list here can hold: it is removed.`,
    );
  }
  const kept = accepted.filter(isPlain);
  const removed = [...new Set([...readList(env, "removed"), ...before])];
  return keep(
    kept,
    removed.filter((uri) => !accepted.includes(uri)),
  );

  async function keep(accepted: readonly string[], removed: readonly string[]): Promise<void> {
    // In this order: with the first alone, what somebody has removed would be forgotten, and added again.
    const failed =
      (await keepList(options, "removed", removed)) ??
      (await keepList(options, "accepted", accepted));
    if (!failed) return;
    print(`The registration's identifier URIs could not be noted: ${failed.detail}`);
    print(`This deployment gives it those of ${listNames.accepted}.`);
  }
}
