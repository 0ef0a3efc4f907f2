import type { Requirements } from "./requirement.ts";

export const bridgeSignInRequirements = {
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
    "bridge.keyring":
      "The key is read and made in the system's keyring, once for all processes; a keyring that does not answer stops nothing but the wait for it.",
    "bridge.lock":
      "Processes wait for each other by a lock that the operating system takes from one that is killed.",
  },
} as const satisfies Requirements;
