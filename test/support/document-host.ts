import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { generate } from "selfsigned";
import { depthOf } from "../../src/core/address.ts";
import type { DocumentNetwork } from "../../src/core/client-documents/network.ts";
import { listen } from "./listen.ts";

export const documentHost = "client.example";

/** What a host does when it is asked. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A host on this machine that serves clients' documents over https, with a certificate of its own. */
export interface DocumentHost {
  /** `https://client.example:PORT` */
  readonly origin: string;
  /** Knows the host's name, trusts its certificate, and may connect to 127.0.0.1. */
  readonly network: DocumentNetwork;
  /** The paths that were asked for, in turn. */
  readonly requests: readonly string[];
  /** How many connections there were. */
  readonly connections: () => number;
  /** Resolves once a request is there that has not been answered. */
  readonly asked: Promise<void>;
  /**
   * Serves something at a path from now on.
   *
   * @param served members that replace those of a good document, or what the host does
   * @returns the URL, which is the client id
   */
  publish(path: string, served?: Readonly<Record<string, unknown>> | Answer): string;
  withdraw(path: string): void;
  close(): Promise<void>;
}

export const redirectUri = "http://127.0.0.1:33418/callback";

/** A document as it should be. */
export const goodDocument = (url: string) => ({
  client_id: url,
  client_name: "An agent",
  redirect_uris: [redirectUri],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  token_endpoint_auth_method: "none",
});

let made: Promise<{ cert: string; key: string }> | undefined;

/** One for all hosts of a process, for `client.example` alone. */
export function documentCertificate(): Promise<{ cert: string; key: string }> {
  made ??= generate([{ name: "commonName", value: documentHost }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: documentHost }] },
    ],
  }).then(({ cert, private: key }) => ({ cert, key }));
  return made;
}

export async function startDocumentHost(): Promise<DocumentHost> {
  const { cert, key } = await documentCertificate();
  const served = new Map<string, Answer>();
  const requests: string[] = [];
  const asked = Promise.withResolvers<void>();
  let connections = 0;
  const server = createServer({ cert, key }, (request, response) => {
    requests.push(request.url ?? "");
    const answer = served.get(request.url ?? "");
    if (answer) answer(request, response);
    else response.writeHead(404, { "Content-Type": "application/json" }).end("{}");
    if (!response.writableEnded) asked.resolve();
  });
  server.on("connection", () => {
    connections += 1;
  });
  const { port, close } = await listen(server);
  const origin = `https://${documentHost}:${port}`;
  return {
    origin,
    requests,
    connections: () => connections,
    asked: asked.promise,
    network: {
      resolve: async (host) => {
        if (host === documentHost) return ["127.0.0.1"];
        throw Object.assign(new Error(host), { code: "ENOTFOUND" });
      },
      allows: (address) => address === "127.0.0.1" || depthOf(address) === 0,
      certificateAuthorities: cert,
    },
    publish(path, what = {}) {
      const url = `${origin}${path}`;
      const document = JSON.stringify({ ...goodDocument(url), ...what });
      const answer: Answer = (_request, response) =>
        response.writeHead(200, { "Content-Type": "application/json" }).end(document);
      served.set(path, typeof what === "function" ? what : answer);
      return url;
    },
    withdraw: (path) => {
      served.delete(path);
    },
    close,
  };
}
