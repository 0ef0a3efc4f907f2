import { expect, it } from "vitest";
import { z } from "zod";
import { defineDomain } from "../../src/define-domain.ts";
import { keyRingContainer } from "../../src/keys/blob-key-storage.ts";
import { userDataContainer } from "../../src/storage/user-blobs.ts";
import { verifies } from "../requirements.ts";
import { composeForTest, host } from "../support/composed.ts";

async function readiness(hasFiles: boolean): Promise<number> {
  const domain = defineDomain({
    name: "files",
    title: "Files",
    instructions: "For a test.",
    scopeDescription: "Test files as you",
    settings: z.object({}),
    containers: {},
    ...(hasFiles && { blobs: { letters: {} } }),
    tools: () => [],
  });
  const app = await composeForTest(domain, {
    adapters: {
      reachUserBlobs: async () => {
        throw new Error("There is no such container.");
      },
    },
  });
  const request = new Request(`https://${host}/health/ready`);
  return (await app.readiness(request, { id: "invocation", log: () => {} })).status;
}

it(
  verifies("files.container", "is reached before the server is ready, where there are files"),
  async () => {
    expect(await readiness(true)).toBe(503);
    expect(await readiness(false)).toBe(200);
  },
);

it(verifies("files.container", "is apart from the keys"), () => {
  expect(userDataContainer).not.toBe(keyRingContainer);
});
