import type { RegistrableClient } from "./known-clients.ts";

/** As long as Entra takes one. */
const mostCharacters = 256;

/**
 * Why a callback may not be registered for a client, as a sentence; nothing where it may. Whoever a
 * callback leads to gets the codes of people who sign in, so another host than the client's is refused.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/reply-url
 */
export function callbackProblem(client: RegistrableClient, text: string): string | undefined {
  const { callbacks, callbackPrefixes: prefixes = [], title } = client;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) return "It is no URL, such as https://host.example/callback.";
  if (url.username !== "" || url.password !== "") return "It has a user or a password in it.";
  if (text.includes("#")) return "It has a fragment (#), which Entra refuses.";
  if (text.includes("*")) return "It has a wildcard (*): Entra compares callbacks to the letter.";
  // Lists of callbacks are separated by commas.
  if (text.includes(",")) return "It has a comma: write %2C.";
  if (!isPlainCallback(url.href))
    return "It has characters that a shell could read as its own: write %24 for $, and so on.";
  if (text.length > mostCharacters) return `It has more than ${mostCharacters} characters.`;
  if (url.href !== text && url.href !== `${text}/`) return `Write it as ${url.href}`;
  if (callbacks.includes(text)) return undefined;
  if (url.protocol === "http:" && !isLoopback(url)) {
    return "It is http, which Entra takes for localhost only: use https.";
  }
  const isOfClient =
    prefixes.some((prefix) => continues(text, prefix)) ||
    callbacks.some((known) => isAlike(url, new URL(known)));
  if (isOfClient) return undefined;
  const places = prefixes.length > 0 ? prefixes : callbacks;
  return `It is none of ${title}'s, which ${prefixes.length > 0 ? "begin with" : "are like"} ${places.join(" or ")}. If ${title} does show it, add it in the portal: Authentication, under ${platformNames[client.platform]}.`;
}

/**
 * Whether a callback can be kept and printed as it is: in a list with commas, in azd's parameters file, and
 * within the quotes of a command for whatever shell.
 */
export function isPlainCallback(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:[\w.~:/?&;@%+=-]+$/i.test(text);
}

/** What the portal calls the platforms. */
export const platformNames = {
  publicClient: "Mobile and desktop applications",
  web: "Web",
} as const;

function isLoopback({ hostname }: URL): boolean {
  return ["localhost", "127.0.0.1"].includes(hostname);
}

/** A longer path, or what follows the slash that the prefix ends in. */
function continues(text: string, prefix: string): boolean {
  if (prefix.endsWith("/")) return text.startsWith(prefix) && text.length > prefix.length;
  return text === prefix || text.startsWith(`${prefix}/`);
}

/** The same place under another port or path: the person's machine, or the same host. */
function isAlike(url: URL, known: URL): boolean {
  if (url.protocol !== known.protocol) return false;
  return isLoopback(known) ? isLoopback(url) : url.host === known.host;
}
