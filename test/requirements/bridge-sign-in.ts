import type { Requirements } from "./requirement.ts";

export const bridgeSignInRequirements = {
  "docs/bridge.md, Signing in": {
    "bridge.sign-in.silent":
      "After one sign-in the bridge gets its tokens silently, also after a restart and when they end.",
    "bridge.sign-in.laptop":
      "With the URL of a laptop stack that runs, the bridge needs no further argument to sign a person in there.",
    "bridge.sign-in.browser":
      "The bridge signs the person in in the system's browser, at the authority, with the client that the user has named.",
    "bridge.sign-in.device-code":
      "Without a display, where the browser cannot be opened, or with --device-code, the bridge shows a code to enter elsewhere; a refusal of it names the browser as the other way.",
    "bridge.sign-in.one-page":
      "However many requests and bridges wait, the person is asked once; a request that gives up ends nobody else's wait.",
    "bridge.sign-in.no-keyring":
      "Without a keyring a bridge renews its tokens silently as long as it runs.",
    "bridge.sign-in.own-registration":
      "With the server's own registration as the client, tokens are renewed too, by its id.",
    "bridge.sign-in.accounts":
      "Accounts and servers are kept apart: of several accounts one has to be named, and only the named one, or the one that a bridge has begun with, goes on.",
    "bridge.sign-in.refused":
      "A token that the server has refused is not given again; a server that refuses fresh sign-ins opens no further page for minutes.",
    "bridge.sign-in.claims":
      "Claims that the server demands are asked of the person, once for all requests that wait, and never page after page.",
    "bridge.sign-in.words":
      "What keeps a person from signing in is told in words with what to do, once to all who wait, and without a token.",
  },
  "docs/bridge.md, Which tenant": {
    "bridge.sign-in.tenant":
      "The tenant that the user names counts before what a server says: an id, a domain, or an authority's URL of a known cloud or of this machine, and one tenant alone.",
    "bridge.sign-in.authority":
      "A server can name one tenant of one of Microsoft's clouds, in metadata of its own; it is shown and remembered at the first sign-in, and a change is refused in words.",
  },
  "docs/bridge.md, The browser": {
    "bridge.sign-in.page":
      "Only an https page of the authority is opened, or one on this machine for an authority there; no endpoint elsewhere is asked.",
    "bridge.sign-in.browser-program":
      "The page's URL goes to the system's program as one argument, and to no shell.",
  },
  "docs/bridge.md, Signing in beforehand and out": {
    "bridge.sign-in.login": "--login signs a person in before a client asks.",
    "bridge.sign-in.logout":
      "--logout forgets an account's tokens, or everybody's; bridges that run notice at their next request, and none that renews a token meanwhile brings it back.",
  },
  "RFC 8707 section 2": {
    "bridge.sign-in.resource":
      "Every request for a token, of each kind, has the given URL as its resource, to the letter.",
    "bridge.sign-in.scope":
      "The scope is made of the given URL; another one comes from the user alone.",
  },
  "docs/bridge.md, What it stores": {
    "bridge.cache.sealed":
      "The bridge's files are encrypted with a key of the system's keyring, each for one URL, authority and client, and for this person alone to read.",
    "bridge.cache.hostile":
      "A file of the bridge's that is damaged, truncated, huge, encrypted with another key, readable for others, or for something else means a new sign-in and a sentence, never a crash.",
    "bridge.cache.foreign":
      "What is not the bridge's own, such as a link, a pipe or a file of a newer bridge, is left as it is, and tokens are kept in memory.",
    "bridge.cache.folder":
      "The bridge keeps nothing in a folder that another person owns or could replace, and says so.",
    "bridge.cache.no-keyring":
      "Without a keyring the bridge says so once, writes no file, and keeps tokens in memory.",
    "bridge.cache.plain":
      "With --insecure-token-file tokens go into a file that is not encrypted; without it such a file is not read.",
    "bridge.sign-in.hostile-cache":
      "A cache file that makes no sense inside, reaches for prototypes, or holds tokens that cannot be sent means a new sign-in; an authority in it is judged as if a server had named it.",
    "bridge.sign-in.one-refresh":
      "Of several bridges one renews a token and all use it; one that is killed meanwhile holds nobody up.",
    "bridge.keyring":
      "The key is read and made in the system's keyring, once for all processes, also where a client passes no variables of the session; a keyring that does not answer stops nothing but the wait for it.",
    "bridge.lock":
      "Processes wait for each other by a lock that the operating system takes from one that is killed, and that no other user can take.",
  },
} as const satisfies Requirements;
