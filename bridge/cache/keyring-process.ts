/**
 * Reads or makes the key of the bridge's files in the system's keyring, and writes it to standard
 * output in base64. A process of its own: where the keyring's service does not answer, the library
 * stops the whole process that called it, and only the end of that process ends the wait.
 */
import { randomBytes } from "node:crypto";
import { AsyncEntry } from "@napi-rs/keyring";

const [service = "", account = "", task] = process.argv.slice(2);

try {
  // Without `store` the library falls back to the kernel's memory, which loses the key at a restart.
  const entry = new AsyncEntry(service, account, { linux: { store: "secret-service" } });
  if (task === "make") await entry.setSecret(randomBytes(32));
  const secret = await entry.getSecret();
  if (secret) process.stdout.write(Buffer.from(secret).toString("base64"));
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
