import { randomUUID } from "node:crypto";
import {
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import { createRequire } from "node:module";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { refusalOf } from "./access.ts";
import { type IndexedPaths, orderProblem } from "./order-by.ts";

const require = createRequire(import.meta.url);

// The package's own servers keep the account to themselves; the account is what this emulator fills
// at start and writes out.
const { default: AccountClass } =
  require("@vercel/cosmosdb-server/lib/account/index.js") as AccountModule;
const { default: routeOf } = require("@vercel/cosmosdb-server/lib/routes.js") as RoutesModule;

type AccountModule = typeof import("@vercel/cosmosdb-server/lib/account/index.js");

interface RoutesModule {
  readonly default: (request: IncomingMessage) => readonly [PathParameters, Handler] | undefined;
}

type PathParameters = Readonly<Record<string, string>>;

/** Reads the request's body, sets status and headers of the response, returns the response's body. */
type Handler = (
  account: Account,
  request: IncomingMessage,
  response: ServerResponse,
  parameters: PathParameters,
) => ResponseBody | Promise<ResponseBody>;

type ResponseBody = Readonly<Record<string, unknown>> | readonly unknown[] | undefined;

/** A database account of the emulator, with the databases, containers and items in it. */
export type Account = InstanceType<AccountModule["default"]>;

/** The items of one container. */
export type Documents = ReturnType<ReturnType<Account["database"]>["collection"]>["documents"];

export function createAccount(port: number): Account {
  return new AccountClass("localhost", port);
}

/**
 * Answers requests in the wire protocol of Azure Cosmos DB for NoSQL.
 *
 * @param onWrite is called after each request that has changed an item
 */
export function createRequestListener(
  account: Account,
  { onWrite, log }: { onWrite: () => void; log: (line: string) => void },
): RequestListener {
  return (request, response) => {
    answer(account, request, response).then(
      (body) => {
        if (isWrite(request) && response.statusCode < 400) onWrite();
        send(response, body);
      },
      (error: unknown) => {
        if (isConflict(error)) {
          response.statusCode = 409;
          send(response, { code: "Conflict", message: error.message });
          return;
        }
        log(`Cosmos DB emulator: ${request.method} ${request.url} failed: ${error}`);
        response.statusCode = 500;
        send(response, { code: "InternalServerError", message: "The emulator failed." });
      },
    );
  };
}

async function answer(
  account: Account,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<ResponseBody> {
  const refusal = refusalOf(request);
  if (refusal) {
    const { status, substatus, code, message } = refusal;
    response.statusCode = status;
    if (substatus) response.setHeader("x-ms-substatus", substatus);
    return { code, message };
  }
  const route = routeOf(request);
  if (!route) {
    response.statusCode = 405;
    return { code: "MethodNotAllowed", message: "The emulator does not serve this request." };
  }
  if (request.headers["x-ms-cosmos-is-query-plan-request"]) {
    // The SDK asks for a plan with every query, and needs it for those that are refused without one.
    response.statusCode = 400;
    return { code: "BadRequest", message: "The emulator serves queries without a plan." };
  }
  const [parameters, handle] = route;
  if (!isQuery(request)) return handle(account, request, response, parameters);
  const body = await buffer(request);
  const problem = queryProblem(account, body, parameters);
  if (problem) {
    response.statusCode = 400;
    return { code: "BadRequest", message: problem };
  }
  return handle(account, withBody(request, body), response, parameters);
}

function queryProblem(
  account: Account,
  body: Buffer,
  { dbId = "", collId = "" }: PathParameters,
): string | undefined {
  const container = account.database(dbId).collection(collId).read() as
    | { readonly indexingPolicy?: IndexedPaths }
    | undefined;
  return orderProblem(JSON.parse(body.toString()).query ?? "", container?.indexingPolicy);
}

/** The request, to be read once more. */
function withBody({ method, url, headers }: IncomingMessage, body: Buffer): IncomingMessage {
  return Object.assign(Readable.from([body]), {
    method,
    url,
    headers,
  }) as object as IncomingMessage;
}

function send(response: ServerResponse, body: ResponseBody): void {
  response.setHeader("content-type", "application/json");
  response.setHeader("x-ms-activity-id", randomUUID());
  response.setHeader("x-ms-request-charge", "1");
  const etag = body && "_etag" in body ? body._etag : undefined;
  if (typeof etag === "string") response.setHeader("etag", etag);
  const isError = response.statusCode >= 400;
  const message = STATUS_CODES[response.statusCode];
  response.end(JSON.stringify(isError ? { message, ...body } : body));
}

/** An upsert throws where another item has its unique key; other writes answer by themselves. */
function isConflict(error: unknown): error is Error {
  return error instanceof Error && "conflict" in error && error.conflict === true;
}

/** A query is a POST too. */
function isWrite(request: IncomingMessage): boolean {
  return request.method !== "GET" && !isQuery(request);
}

function isQuery({ headers }: IncomingMessage): boolean {
  return headers["content-type"] === "application/query+json";
}
