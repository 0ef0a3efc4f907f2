import type { Requirements } from "./requirement.ts";

export const keysRequirements = {
  "https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations":
    {
      "keys.created-once":
        "However many instances start together, one makes the key ring and all use it.",
      "keys.rotated-once": "However many instances find that a new key is due, one is made.",
      "keys.blob":
        "In Blob Storage each write is conditional, so that no instance overwrites what another wrote.",
    },
  "src/keys/key-ring.ts": {
    "keys.lazy":
      "The key ring is read when it is first needed, once for all who need it at the same time.",
    "keys.rotated":
      "Every 30 days a new key signs; it is known for an hour before, so that every instance can verify it.",
    "keys.old-kept":
      "A key that no longer signs verifies until everything it signed has expired, and is then dropped.",
    "keys.unknown-reread":
      "A token signed with a key that is not known makes the ring be read again, at most every 30 seconds.",
    "keys.clock-skew":
      "Instances whose clocks differ by minutes accept what each other sign, around a rotation too.",
    "keys.outage":
      "While the storage is out of reach, keys already held go on signing and verifying.",
    "keys.unavailable":
      "Without any key, signing and verifying fail as unavailable, and are tried again soon.",
    "keys.damaged":
      "A stored document that is no key ring is reported as damaged and never overwritten.",
    "keys.revocable":
      "Deleting the stored key ring ends all that it signed: instances make a new one.",
  },
  "RFC 8725 section 3.9, RFC 7519 sections 4.1.2 and 4.1.3": {
    "keys.purpose": "What is signed for one purpose or one subject is valid for no other.",
  },
  "RFC 4648 section 3.5": {
    "keys.canonical":
      "A token is accepted as the very text that was given out: not with white space, padding or other left-over bits behind its signature.",
  },
  "RFC 8725 sections 3.1 and 3.2, RFC 7515 section 4.1.11": {
    "keys.algorithm":
      "Only HS256 is accepted: no other algorithm, none at all, and no critical header.",
  },
  "RFC 7519 section 4.1.4": {
    "keys.expiry": "What is signed expires, within two days at most.",
  },
  "RFC 7518 section 3.2": {
    "keys.strength": "Each key has 32 random bytes.",
  },
} satisfies Requirements;
