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
      "A handle made with a key that is not known makes the ring be read again, at most every 30 seconds.",
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
  "src/keys/handle.ts": {
    "keys.purpose":
      "What is made for one purpose and some values, such as its owner, is good for no other, and the refusal names what differs.",
    "keys.short": "A handle that is given out has fewer than 100 characters.",
  },
  "src/keys/earlier-token.ts": {
    "keys.earlier-version":
      "What the version before handles gave out is told from forgeries, and both versions read one key ring.",
  },
  "RFC 4648 section 3.5": {
    "keys.canonical":
      "A handle is accepted as the very text that was given out: not with white space, padding, other characters or other left-over bits.",
  },
  "RFC 2104 sections 3 and 5": {
    "keys.altered":
      "A handle with any one bit changed, cut off, prolonged or put together from others is refused, and told from one that is used for other values.",
    "keys.strength":
      "Each key has 32 random bytes, and each handle a code of 128 bits by HMAC with SHA-256.",
  },
  "RFC 7519 section 4.1.4": {
    "keys.expiry": "What is made expires, within two days at most.",
  },
} satisfies Requirements;
