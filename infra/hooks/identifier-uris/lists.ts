import type { Azd, AzdFailure } from "../azd.ts";

/**
 * The azd variables that hold identifier URIs, separated by commas.
 *
 * - `accepted`: those that the registration has beside the template's own; the template gives the
 *   registration these again, since what it does not name it would remove.
 * - `removed`: those that somebody has taken out of the registration: they stay out.
 * - `further`: those that a person wants beside the server's own.
 */
export const listNames = {
  accepted: "ACCEPTED_IDENTIFIER_URIS",
  removed: "REMOVED_IDENTIFIER_URIS",
  further: "FURTHER_IDENTIFIER_URIS",
} as const;

export type ListName = keyof typeof listNames;

export function readList(env: NodeJS.ProcessEnv, list: ListName): string[] {
  const entries = (env[listNames[list]] ?? "").split(",").map((entry) => entry.trim());
  return [...new Set(entries.filter((entry) => entry !== ""))];
}

/** Keeps a list in the azd environment, unless it is there already. */
export async function keepList(
  { env, azd }: { readonly env: NodeJS.ProcessEnv; readonly azd: Azd },
  list: ListName,
  entries: readonly string[],
): Promise<AzdFailure | undefined> {
  if (entries.join() === readList(env, list).join()) return undefined;
  const kept = await azd.keep(listNames[list], entries.join());
  return kept.ok ? undefined : kept.reason;
}

/**
 * Whether a URI can be kept and printed as it is: in a list with commas, in azd's parameters file, and
 * in a command for whatever shell. Entra takes others, which nobody has a use for here.
 */
export function isPlain(uri: string): boolean {
  return /^[a-z][a-z0-9+.-]*:[\w.~:/@%+=-]+$/i.test(uri);
}
