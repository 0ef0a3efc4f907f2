import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { Answer } from "../../../src/core/endpoint.ts";
import { type Listening, listen } from "../../support/listen.ts";
import { parameters, type World } from "./world.ts";

export interface ServedWorld {
  /** Where the gateway is. */
  readonly origin: string;
  /** Where a client on this machine waits for its answer. */
  readonly client: string;
  /** What the client has been told, in the order in which it was. */
  readonly told: URL[];
  /** A page of another site, which shows the gateway's in a frame. */
  readonly framing: string;
  close(): Promise<void>;
}

/** The endpoints of a world over http, beside a sign-in page that lets everybody in, and a client. */
export async function serveWorld(world: World): Promise<ServedWorld> {
  const told: URL[] = [];
  const gateway = await serve((request) => answerOf(world, request));
  const gatewayOrigin = `http://localhost:${gateway.port}`;
  const entra = await serve(async ({ url = "", method }) => {
    const { searchParams } = new URL(url, "http://localhost");
    // A form of its own, whose answer is a redirect, and which may lead to the gateway alone.
    if (method === "GET") {
      const action = `/login?state=${searchParams.get("state")}`;
      return page(`<form method="post" action="${action}"><button>Sign in</button></form>`, {
        "content-security-policy": `default-src 'none'; form-action 'self' ${gatewayOrigin}`,
      });
    }
    const answer = new URLSearchParams({
      code: "entra-code",
      state: `${searchParams.get("state")}`,
    });
    return redirect(`${gatewayOrigin}/gateway/callback?${answer}`);
  });
  world.signInPage = `http://127.0.0.1:${entra.port}/authorize`;
  const client = await serve(async ({ url = "" }) => {
    const arrived = new URL(url, "http://localhost");
    if (arrived.pathname === "/callback") told.push(arrived);
    if (arrived.pathname !== "/framing") return page("<p>The client has its answer.</p>");
    return page(`<iframe src="${gatewayOrigin}/gateway/authorize${arrived.search}"></iframe>`);
  });
  const clientOrigin = `http://127.0.0.1:${client.port}`;
  return {
    origin: gatewayOrigin,
    client: `${clientOrigin}/callback`,
    framing: `${clientOrigin}/framing`,
    told,
    async close() {
      await Promise.all([gateway, entra, client].map((server) => server.close()));
    },
  };
}

async function answerOf(world: World, request: IncomingMessage): Promise<Answer> {
  const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
  const cookies = (request.headers.cookie ?? "").split("; ").map((pair) => pair.split("="));
  const endpoint = pathname === "/gateway/callback" ? "callback" : "authorize";
  const read = (fields: URLSearchParams) => parameters(Object.fromEntries(fields));
  return world.endpoints[endpoint]({
    method: request.method === "POST" ? "POST" : "GET",
    query: read(searchParams),
    form: read(new URLSearchParams(await text(request))),
    cookies: new Map(cookies.map(([name = "", value = ""]) => [name, value])),
    hasAuthorization: false,
    invocation: { id: "invocation-1", log: () => {} },
    signal: AbortSignal.timeout(10_000),
  });
}

function page(body: string, headers: Answer["headers"] = {}): Answer {
  const markup = `<!doctype html><html lang="en"><title>Elsewhere</title>${body}</html>`;
  return { status: 200, headers: { "content-type": "text/html", ...headers }, body: markup };
}

function redirect(location: string): Answer {
  return { status: 302, headers: { location }, body: null };
}

function serve(answer: (request: IncomingMessage) => Promise<Answer>): Promise<Listening> {
  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const { status, headers, body } = await answer(request);
    response.writeHead(status, headers).end(typeof body === "string" ? body : undefined);
  };
  return listen(createServer((request, response) => void respond(request, response)));
}
