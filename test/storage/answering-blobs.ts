import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { BlobServiceClient } from "@azure/storage-blob";
import { expect } from "vitest";
import { AzureUserBlobs } from "../../src/storage/azure-user-blobs.ts";
import type { StoreFailure } from "../../src/storage/failure.ts";
import { type UserBlobs, userDataContainer } from "../../src/storage/user-blobs.ts";

/** What Blob Storage answers in place of its own; `break` breaks the connection, `wait` says nothing. */
export type BlobAnswer =
  | "break"
  | "wait"
  | {
      readonly status: number;
      /** The error code. */
      readonly code: string;
      readonly headers?: Readonly<Record<string, string>>;
    };

export const secret = "internal detail that nobody outside may see";

/** People's files in a Blob Storage that answers every request alike, while `use` runs. */
export async function withAnswer(
  answer: BlobAnswer,
  use: (blobs: UserBlobs) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    request.resume();
    if (answer === "wait") return;
    if (answer === "break") {
      request.socket.destroy();
      return;
    }
    const { status, code, headers = {} } = answer;
    response.writeHead(status, {
      "content-type": "application/xml",
      "x-ms-error-code": code,
      ...headers,
    });
    response.end(
      `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${secret}</Message></Error>`,
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    const service = new BlobServiceClient(`http://127.0.0.1:${port}`, undefined, {
      retryOptions: { maxTries: 1 },
    });
    await use(new AzureUserBlobs(service.getContainerClient(userDataContainer)));
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
}

function refusal(status: number, code: string, headers: Record<string, string> = {}): BlobAnswer {
  return { status, code, headers };
}

const cause = expect.any(String) as unknown as string;
const unavailable: StoreFailure = { kind: "unavailable", cause };
const denied: StoreFailure = { kind: "denied", cause };

const later = /^The receipts cannot be reached right now\. Try again in a minute\.$/;
const never = /^This server is not allowed to reach the receipts\. Tell the people who run it\.$/;

/** How Blob Storage fails, what becomes of it, and what the model is told. */
export const blobFailures: readonly (readonly [string, BlobAnswer, StoreFailure, RegExp])[] = [
  ["a missing role", refusal(403, "AuthorizationPermissionMismatch"), denied, never],
  ["refused credentials", refusal(401, "NoAuthenticationInformation"), denied, never],
  ["a missing container", refusal(404, "ContainerNotFound"), unavailable, later],
  ["a container being deleted", refusal(409, "ContainerBeingDeleted"), unavailable, later],
  ["somebody's lease", refusal(412, "LeaseIdMissing"), unavailable, later],
  [
    "too many requests",
    refusal(429, "TooManyRequests", { "retry-after": "3" }),
    { kind: "throttled", retryAfterMilliseconds: 3000 },
    /^The receipts are asked for too often right now\. Try again in 3 s\.$/,
  ],
  [
    "a busy server",
    refusal(503, "ServerBusy"),
    { kind: "throttled" },
    /^The receipts are asked for too often right now\. Try again in a few seconds\.$/,
  ],
  ["an unavailable service", refusal(503, "Whatever"), unavailable, later],
  ["a failing service", refusal(500, "InternalError"), unavailable, later],
  ["an operation that took too long", refusal(500, "OperationTimedOut"), unavailable, later],
  ["a broken connection", "break", unavailable, later],
];
