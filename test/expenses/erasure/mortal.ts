import { createDefaultHttpClient, type HttpClient, RestError } from "@azure/core-rest-pipeline";
import { failure, type Result } from "../../../src/core/result.ts";
import type { Connections } from "../../../src/define-domain.ts";
import type { StoreFailure } from "../../../src/storage/failure.ts";
import type { UserBlobs } from "../../../src/storage/user-blobs.ts";

/**
 * What one process reaches, until it dies: at its nth step from now on nothing it sends arrives any more,
 * with the answer to that step lost on its way back or the request never sent.
 */
export class Mortal {
  steps = 0;
  #diesAt = Number.POSITIVE_INFINITY;
  #isAnswerLost = false;

  get isDead(): boolean {
    return this.steps >= this.#diesAt;
  }

  /** @param isAnswerLost whether the last step is carried out all the same */
  dieAt(step: number, isAnswerLost: boolean): void {
    this.steps = 0;
    this.#diesAt = step;
    this.#isAnswerLost = isAnswerLost;
  }

  async pass<Value>(call: () => Promise<Value>, dead: () => Value): Promise<Value> {
    if (this.isDead) return dead();
    this.steps += 1;
    if (!this.isDead) return call();
    if (this.#isAnswerLost) await call();
    return dead();
  }

  /** Cosmos DB, as this process reaches it. */
  client(network: HttpClient = createDefaultHttpClient()): HttpClient {
    return {
      sendRequest: (request) => {
        if (!/\/docs(\/|$)/.test(new URL(request.url).pathname))
          return network.sendRequest(request);
        return this.pass(
          () => network.sendRequest(request),
          () => {
            throw new RestError("dead", { code: "REQUEST_SEND_ERROR" });
          },
        );
      },
    };
  }

  /** The gateway's store, as this process reaches it. */
  connections(connections: Connections): Connections {
    const dead = (): Result<never, StoreFailure> => failure({ kind: "unavailable", cause: "dead" });
    return {
      count: (...call) => this.pass(() => connections.count(...call), dead),
      endAll: (...call) => this.pass(() => connections.endAll(...call), dead),
    };
  }

  /** Blob Storage, as this process reaches it. */
  blobs(blobs: UserBlobs): UserBlobs {
    const dead = (): Result<never, StoreFailure> => failure({ kind: "unavailable", cause: "dead" });
    return {
      put: (...call) => this.pass(() => blobs.put(...call), dead),
      get: (...call) => this.pass(() => blobs.get(...call), dead),
      delete: (...call) => this.pass(() => blobs.delete(...call), dead),
      list: (...call) => this.pass(() => blobs.list(...call), dead),
      page: (...call) => this.pass(() => blobs.page(...call), dead),
      copy: (...call) => this.pass(() => blobs.copy(...call), dead),
    };
  }
}
