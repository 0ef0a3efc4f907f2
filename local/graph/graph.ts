import { createServer, type IncomingMessage } from "node:http";
import type { Account } from "../directory.ts";
import { isAskedAsLoopback, listenOnLoopback } from "../loopback.ts";
import { createTokenVerifier } from "./access-token.ts";
import { type Answer, errorAnswer, sendAnswer } from "./answer.ts";
import { answerControl, controlPath } from "./control.ts";
import { createFaults } from "./faults.ts";
import { type ServiceOptions, serve } from "./service.ts";

export interface GraphOptions {
  /** 0 for any free one. */
  readonly port: number;
  /** Whose tokens are accepted: `iss`. */
  readonly issuer: string;
  /** Where the issuer's keys are; they are fetched when the first token arrives. */
  readonly jwksUrl: string;
  readonly accounts: readonly Account[];
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly log?: (line: string) => void;
}

export interface Graph {
  /** What `GRAPH_ENDPOINT` gets: without a trailing slash and without the version. */
  readonly url: string;
  /** May be called more than once. */
  close(): Promise<void>;
}

const part = "Graph";

/**
 * Starts the laptop stack's Microsoft Graph: the signed-in person's profile and their groups, with
 * Graph's own token checks, permissions and errors, and faults on demand. `POST /_local/throttle`
 * refuses the next requests, whoever makes them; `POST /_local/challenge` answers an account's next
 * requests with a claims challenge, as continuous access evaluation does. As with Graph, only tokens
 * that say `cp1` in `xms_cc` are challenged.
 *
 * @throws {Error} naming the part and the port, when the port cannot be had
 */
export async function startGraph({
  port,
  issuer,
  jwksUrl,
  accounts,
  now = Date.now,
  log = () => {},
}: GraphOptions): Promise<Graph> {
  const server = createServer();
  const listening = await listenOnLoopback(server, { part, port });
  const url = `http://localhost:${listening.port}`;

  const faults = createFaults(now);
  const service: ServiceOptions = {
    verifyToken: createTokenVerifier(issuer, jwksUrl, now),
    faults,
    accounts,
    metadataUrl: `${url}/v1.0/$metadata`,
    onKeysUnavailable: (cause) => log(`${part}: the keys at ${jwksUrl} cannot be had: ${cause}`),
  };

  async function answer(request: IncomingMessage): Promise<Answer> {
    if (!isAskedAsLoopback(request)) {
      return errorAnswer(421, "MisdirectedRequest", "This is answered as localhost alone.");
    }
    const requested = URL.parse(`${url}${request.url}`);
    if (!requested) return errorAnswer(400, "BadRequest", "The request's URL is malformed.");
    if (requested.pathname.startsWith(controlPath)) {
      return answerControl(faults, request, requested.pathname);
    }
    return serve(service, request, requested);
  }

  server.on("request", (request, response) => {
    answer(request).then(
      (answered) => sendAnswer(request, response, answered, now()),
      (error: unknown) => {
        log(`${part}: ${request.method} ${request.url} failed: ${error}`);
        response.destroy();
      },
    );
  });

  return { url, close: listening.close };
}
