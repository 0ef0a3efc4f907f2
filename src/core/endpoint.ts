import type { Invocation } from "./invocation.ts";

/** Serves the requests of one route. May throw; the bridge to the platform sees to it. */
export type Endpoint = (request: Request, invocation: Invocation) => Promise<Response>;
