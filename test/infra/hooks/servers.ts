import { createServer, type RequestListener } from "node:http";
import { text } from "node:stream/consumers";
import { listen } from "../../support/listen.ts";
import type { Tenant } from "./tenant.ts";

export interface Served extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string;
}

export async function serve(listener: RequestListener): Promise<Served> {
  const { port, close } = await listen(createServer(listener));
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}

/** Serves a tenant's Graph over HTTP, for hooks that run as a process of their own. */
export function serveGraph(tenant: Tenant): Promise<Served> {
  return serve(async (request, response) => {
    const { method = "GET", url = "/", headers } = request;
    const body = await text(request);
    const answer = await tenant.fetch(`http://${headers.host}${url}`, {
      method,
      headers: { authorization: headers.authorization ?? "", prefer: String(headers.prefer ?? "") },
      ...(body && { body }),
    });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(await answer.text());
  });
}
