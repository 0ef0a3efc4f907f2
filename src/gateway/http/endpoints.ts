import type { Answer, Endpoint } from "../../core/endpoint.ts";
import { success } from "../../core/result.ts";
import type { Gate } from "../../gates/gate.ts";
import type { ProtectedResource } from "../../gates/protected-resource-metadata.ts";
import { publicEndpoint, sharedEndpoint } from "../../gates/public-endpoint.ts";
import type { RefusalSums } from "../../gates/refusal-sums.ts";
import { createGuardedEndpoint, type Serve } from "../../gates/way-out.ts";
import {
  clientGates,
  documentGates,
  type GatewayGateParts,
  type OwnPageMethods,
  pageGates,
  registrationGates,
} from "./gates.ts";
import type { GatewayHandler } from "./handler.ts";
import { readGatewayRequest } from "./request.ts";

export interface GatewayEndpointParts extends GatewayGateParts {
  /** The gateway's, as what refusals answer. */
  readonly resource: ProtectedResource;
  readonly refusals: RefusalSums;
}

/** Makes endpoints of the gateway's handlers, each behind its gates. */
export interface GatewayEndpoints {
  /** For a person's browser: no other page may read it. */
  page(handler: GatewayHandler, methods: OwnPageMethods): Endpoint;
  /** For clients, which may be pages: a form that is posted. */
  client(handler: GatewayHandler): Endpoint;
  registration(handler: GatewayHandler): Endpoint;
  /** For anybody to read, and for caches to keep as long as its answer says. */
  document(read: () => Answer | Promise<Answer>): Endpoint;
}

export function createGatewayEndpoints(parts: GatewayEndpointParts): GatewayEndpoints {
  const { resource, refusals } = parts;
  const guarded = (gates: readonly Gate[], handler: GatewayHandler) =>
    createGuardedEndpoint({ gates, resource, serve: serving(handler), refusals });
  return {
    page: (handler, methods) => guarded(pageGates(parts, methods), handler),
    client: (handler) => sharedEndpoint(guarded(clientGates(parts), handler), "POST"),
    registration: (handler) => sharedEndpoint(guarded(registrationGates(parts), handler), "POST"),
    document: (read) => {
      const answering: Gate = { name: "document", pass: async () => ({ answered: await read() }) };
      const gates = [...documentGates(parts), answering];
      return publicEndpoint(
        createGuardedEndpoint({ gates, resource, serve: answeredBefore, refusals }),
      );
    },
  };
}

function serving(handler: GatewayHandler): Serve {
  return async (arrival, signal) => success(await handler(readGatewayRequest(arrival, signal)));
}

/** Behind a gate that answers, nothing is served. */
const answeredBefore: Serve = () => Promise.reject(new Error("The last gate answers."));
