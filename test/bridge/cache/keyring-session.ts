/** What two bridges find in the keyring of the session that this runs in, as JSON. */
import { randomUUID } from "node:crypto";
import { systemKeyring } from "../../../bridge/cache/keyring.ts";

const service = `test of entra-mcp-bridge ${randomUUID()}`;
const [one, other] = [systemKeyring({ service }), systemKeyring({ service })];
const results = [await one.read(), await one.make(), await other.read(), await one.read()];
process.stdout.write(
  JSON.stringify(
    results.map((result) => {
      if (!result.ok) return result.reason;
      return result.value ? Buffer.from(result.value).toString("hex") : "nothing";
    }),
  ),
);
