import { exportJWK, generateKeyPair } from "jose";
import { expect, it } from "vitest";
import { runSuite } from "../../../probe/authsuite/suite.ts";
import { verifies } from "../../requirements.ts";
import { startSdkServer } from "./sdk-server.ts";

/** What is to be said of that server, each with the sentence that it goes against. */
const justified = {
  // MCP clients look there third; the SDK serves the resource's own place alone.
  "metadata.root": "should",
  // RFC 6750 section 3.1: without authentication information, SHOULD NOT include an error code.
  "challenge.no-error": "should",
  // RFC 6750 section 3.1: a malformed request is refused. The first of two is believed.
  "credentials.two-headers": "should",
  // RFC 9110 section 11.6.2: the field holds one credential. The first of several is believed.
  "credentials.two-in-one-header": "should",
  // RFC 9112 section 3.2: a server MUST respond 400. Node passes the first of two `Host` lines on.
  "host.two": "must",
};

it(verifies("authsuite.foreign", "says nothing without reason of a foreign server"), async () => {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const signingKey = await exportJWK(privateKey);
  const { target, token, close } = await startSdkServer(signingKey);
  try {
    const report = await runSuite({ target, token, signingKey });
    const results = report.groups.flatMap((group) => group.results);
    const failed = results.filter(({ outcome }) => outcome.kind === "fail");
    expect(Object.fromEntries(failed.map(({ check }) => [check.id, check.severity]))).toEqual(
      justified,
    );
    const passed = results.filter(({ outcome }) => outcome.kind === "pass");
    expect(passed.length).toBeGreaterThan(95);
  } finally {
    await close();
  }
});
