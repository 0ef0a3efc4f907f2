import type { Requirement } from "./requirement.ts";

const source = "src/keys/key-ring.ts";
const conditionalWrites =
  "https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations";

export const keysRequirements = [
  {
    id: "keys.created-once",
    what: "However many instances start together, one makes the key ring and all use it.",
    source: conditionalWrites,
  },
  {
    id: "keys.lazy",
    what: "The key ring is read when it is first needed, once for all who need it at the same time.",
    source,
  },
  {
    id: "keys.rotated",
    what: "Every 30 days a new key signs; it is known for an hour before, so that every instance can verify it.",
    source,
  },
  {
    id: "keys.rotated-once",
    what: "However many instances find that a new key is due, one is made.",
    source: conditionalWrites,
  },
  {
    id: "keys.old-kept",
    what: "A key that no longer signs verifies until everything it signed has expired, and is then dropped.",
    source,
  },
  {
    id: "keys.unknown-reread",
    what: "A token signed with a key that is not known makes the ring be read again, at most every 30 seconds.",
    source,
  },
  {
    id: "keys.clock-skew",
    what: "Instances whose clocks differ by minutes accept what each other sign, around a rotation too.",
    source,
  },
  {
    id: "keys.outage",
    what: "While the storage is out of reach, keys already held go on signing and verifying.",
    source,
  },
  {
    id: "keys.unavailable",
    what: "Without any key, signing and verifying fail as unavailable, and are tried again soon.",
    source,
  },
  {
    id: "keys.damaged",
    what: "A stored document that is no key ring is reported as damaged and never overwritten.",
    source,
  },
  {
    id: "keys.revocable",
    what: "Deleting the stored key ring ends all that it signed: instances make a new one.",
    source,
  },
  {
    id: "keys.purpose",
    what: "What is signed for one purpose or one subject is valid for no other.",
    source: "RFC 8725 section 3.9, RFC 7519 sections 4.1.2 and 4.1.3",
  },
  {
    id: "keys.canonical",
    what: "A token is accepted as the very text that was given out: not with white space, padding or other left-over bits behind its signature.",
    source: "RFC 4648 section 3.5",
  },
  {
    id: "keys.algorithm",
    what: "Only HS256 is accepted: no other algorithm, none at all, and no critical header.",
    source: "RFC 8725 sections 3.1 and 3.2, RFC 7515 section 4.1.11",
  },
  {
    id: "keys.expiry",
    what: "What is signed expires, within two days at most.",
    source: "RFC 7519 section 4.1.4",
  },
  {
    id: "keys.strength",
    what: "Each key has 32 random bytes.",
    source: "RFC 7518 section 3.2",
  },
  {
    id: "keys.blob",
    what: "In Blob Storage each write is conditional, so that no instance overwrites what another wrote.",
    source: conditionalWrites,
  },
] as const satisfies readonly Requirement[];
