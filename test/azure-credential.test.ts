import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ChainedTokenCredential } from "@azure/identity";
import { afterEach, describe, expect, it, vi } from "vitest";
import { azureCredential } from "../src/azure-credential.ts";
import { verifies } from "./requirements.ts";

const clientId = "cccccccc-0000-0000-0000-000000000001";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the credential for Cosmos DB and Storage", () => {
  it(verifies("azure.credential", "is the configured managed identity"), async () => {
    const asked: URL[] = [];
    const server = createServer((request, response) => {
      asked.push(new URL(request.url ?? "", "http://localhost"));
      response.setHeader("content-type", "application/json");
      response.end(
        JSON.stringify({
          access_token: "token",
          expires_on: String(Math.floor(Date.now() / 1000) + 3600),
          resource: "https://storage.azure.com",
          token_type: "Bearer",
        }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      vi.stubEnv("IDENTITY_ENDPOINT", `http://127.0.0.1:${port}/msi/token`);
      vi.stubEnv("IDENTITY_HEADER", "header");
      const credential = azureCredential({ managedIdentityClientId: clientId });
      const token = await credential.getToken("https://storage.azure.com/.default");
      expect(token?.token).toBe("token");
      expect(asked).toHaveLength(1);
      expect(asked[0]?.searchParams.get("client_id")).toBe(clientId);
      expect(asked[0]?.searchParams.get("resource")).toBe("https://storage.azure.com");
    } finally {
      server.close();
    }
  });

  it("is the developer's own sign-in where none is configured", () => {
    expect(azureCredential({ managedIdentityClientId: undefined })).toBeInstanceOf(
      ChainedTokenCredential,
    );
  });
});
