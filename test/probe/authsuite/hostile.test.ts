import { describe, expect, it } from "vitest";
import { runSuite } from "../../../probe/authsuite/suite.ts";
import { verifies } from "../../requirements.ts";
import { hostileServer } from "../shared/hostile-server.ts";

describe("the token", () => {
  it(verifies("authsuite.token-stays", "goes to no server that the first one names"), async () => {
    const elsewhere = await hostileServer();
    const { target, token, requests } = await hostileServer(({ href }) => ({
      challenge: `Bearer resource_metadata="${elsewhere.target.origin}/.well-known/oauth-protected-resource"`,
      metadata: { json: { resource: href, authorization_servers: [elsewhere.target.origin] } },
    }));
    await runSuite({ target, token, timeout: 2_000, skip: ["limits"] });
    expect(requests.some(({ authorization }) => authorization === `Bearer ${token}`)).toBe(true);
    expect(elsewhere.requests.length).toBeGreaterThan(0);
    for (const { path, authorization } of elsewhere.requests) {
      expect([path, authorization]).toEqual([expect.not.stringContaining(token), undefined]);
    }
  });

  it(verifies("authsuite.token-stays", "does not go over http to another machine"), async () => {
    const target = new URL("http://mcp.invalid/mcp");
    await expect(runSuite({ target, token: "given" })).rejects.toThrow(
      /^Over plain http .* give an https URL\.$/,
    );
  });
});

describe("what is left to check", () => {
  it(verifies("authsuite.exit-code", "is never nothing"), async () => {
    const { target } = await hostileServer();
    await expect(
      runSuite({ target, only: ["challenge.status"], skip: ["challenge"] }),
    ).rejects.toThrow("Nothing is left to check");
  });
});
