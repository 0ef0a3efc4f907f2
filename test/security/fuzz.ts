import fc from "fast-check";
import { listedOffers, listedTools } from "../../scripts/describe-domain.ts";
import { base64url, claimsWith, nowSeconds, sign } from "../gates/tokens.ts";
import { sample, type TestedDomain, type ToolCall } from "../support/domains.ts";
import { approvalCall, tryApproval } from "./fuzzed-approvals.ts";
import {
  createFuzzedEndpoint,
  type FuzzedEndpoint,
  type FuzzedParts,
  host,
} from "./fuzzed-endpoint.ts";

export interface FuzzReport {
  readonly cases: number;
  readonly seed: number;
  /** How often something was deleted, once approved: never would mean that nothing was tried. */
  readonly deletions: number;
  /** How often each status was answered. */
  readonly statuses: Readonly<Record<number, number>>;
}

export interface FuzzOptions {
  /** What is served; the sample unless given. */
  readonly tested?: TestedDomain;
  /** What else the served application is made of. */
  readonly parts?: FuzzedParts;
  readonly seed: number;
  /** Ends after so many cases, or so many milliseconds, whichever comes first. */
  readonly cases: number;
  readonly milliseconds?: number;
}

/** An answer that takes longer than this is a hang, in milliseconds. */
const patience = 15_000;
const marker = "marked-secret";

const methods = fc.oneof(
  { weight: 6, arbitrary: fc.constant("POST") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "QUERY"),
  },
);

const headerValue = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom(
    "",
    "*",
    "null",
    "application/json",
    "text/event-stream",
    "2026-07-28",
    "2025-11-25",
  ),
);

const headerNames = [
  "accept",
  "content-type",
  "content-length",
  "origin",
  "host",
  "mcp-protocol-version",
  "mcp-method",
  "mcp-name",
  "mcp-session-id",
  "mcp-param-x",
  "last-event-id",
  "x-forwarded-for",
  "x-forwarded-host",
  "access-control-request-method",
  "access-control-request-headers",
  "traceparent",
  "cookie",
];

const rpcMethod = fc.oneof(
  fc.constantFrom(
    "initialize",
    "notifications/initialized",
    "notifications/cancelled",
    "ping",
    "tools/list",
    "tools/call",
    "server/discover",
    "subscriptions/listen",
    "resources/list",
    "resources/templates/list",
    "resources/read",
    "prompts/list",
    "prompts/get",
    "completion/complete",
    "logging/setLevel",
    "tasks/get",
    "__proto__",
  ),
  fc.string({ maxLength: 20 }),
);

/** Tools' names, names of arguments, and values for them: those of the domain, and others. */
function toolCall({ domain, store, stored }: TestedDomain) {
  const tools = listedTools(domain);
  const name = fc.oneof(
    fc.constantFrom(...tools.map(({ name }) => name), "constructor", "__proto__", "toString", ""),
    fc.string({ maxLength: 10 }),
  );
  const argumentNames = tools.flatMap(({ listing: { inputSchema } }) =>
    Object.keys(inputSchema.properties ?? {}),
  );
  const calls = [store("Lunch"), stored.removal];
  const argumentValue = fc.oneof(
    fc.constantFrom(...calls.flatMap((call) => Object.values(call.arguments)), ...oddValues),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: "binary", maxLength: 30 }),
    fc.jsonValue({ maxDepth: 3 }),
  );
  return {
    name,
    arguments: fc.oneof(
      {
        weight: 5,
        arbitrary: fc.dictionary(
          fc.constantFrom(...new Set(argumentNames), "__proto__", "constructor", "toolCallId"),
          argumentValue,
        ),
      },
      { weight: 3, arbitrary: fc.constantFrom(...calls).chain(rewritten) },
      { weight: 1, arbitrary: fc.jsonValue() },
    ),
  };
}

/** The arguments of a call as clients write them: nulls, numbers as text, members of their own. */
function rewritten({ arguments: given }: ToolCall): fc.Arbitrary<Record<string, unknown>> {
  const members = Object.entries(given).map(([name, value]) =>
    fc.constantFrom(value, null, String(value)).map((written) => [name, written] as const),
  );
  const added = fc.dictionary(fc.constantFrom("toolCallId", "form"), fc.jsonValue({ maxDepth: 1 }));
  return fc
    .tuple(fc.tuple(...members), added)
    .map(([own, others]) => ({ ...Object.fromEntries(own), ...others }));
}

const oddValues: readonly unknown[] = [
  "2026-11-20",
  "2026-02-30",
  "5",
  "-0",
  "12.50",
  "1e3",
  0,
  -0,
  -1,
  1e21,
  1e-7,
  0.1 + 0.2,
  Number.MAX_SAFE_INTEGER,
  "USD",
  "XXX",
  null,
  true,
  [],
  {},
  "' OR 1=1 --",
  "\u202e",
  "\ud800",
];

const meta = fc.option(
  fc.record(
    {
      "io.modelcontextprotocol/protocolVersion": fc.oneof(
        fc.constant("2026-07-28"),
        fc.string(),
        fc.jsonValue(),
      ),
      "io.modelcontextprotocol/clientCapabilities": fc.oneof(
        fc.constantFrom({}, { elicitation: {} }),
        fc.jsonValue(),
      ),
      "io.modelcontextprotocol/clientInfo": fc.oneof(
        fc.constant({ name: "fuzz", version: "1" }),
        fc.jsonValue(),
      ),
    },
    { requiredKeys: [] },
  ),
);

/** Parameters that name resources and prompts of the domain, with values of any kind in them. */
function offered({ domain }: TestedDomain) {
  const offers = listedOffers(domain);
  const value = fc.oneof(
    fc.constantFrom("2026", "2026-11", "all", "", "%zz", "../.."),
    fc.string(),
  );
  const uri = fc
    .tuple(fc.constantFrom(...offers.map(({ id }) => id), "no:uri"), fc.infiniteStream(value))
    .map(([id, values]) =>
      id.replaceAll(/\{\w+\}/g, () => {
        const text = String(values.next().value).toWellFormed();
        return text.startsWith("%") ? text : encodeURIComponent(text);
      }),
    );
  const names = offers.flatMap(({ listing }) =>
    "arguments" in listing ? listing.arguments.map(({ name }) => name) : [],
  );
  const argument = fc.constantFrom(...names, "year", "month", "__proto__", "constructor");
  const ref = fc.constantFrom(
    ...offers.map(({ kind, id }) =>
      kind === "prompt" ? { type: "ref/prompt", name: id } : { type: "ref/resource", uri: id },
    ),
    { type: "ref/prompt", name: "__proto__" },
  );
  const anything = fc.jsonValue({ maxDepth: 2 });
  return fc.record(
    {
      uri: fc.oneof({ weight: 5, arbitrary: uri }, anything),
      name: fc.oneof(fc.constantFrom(...offers.map(({ id }) => id)), anything),
      arguments: fc.oneof(fc.dictionary(argument, fc.oneof(value, anything)), anything),
      ref: fc.oneof({ weight: 5, arbitrary: ref }, anything),
      argument: fc.oneof(fc.record({ name: argument, value }), anything),
      context: fc.oneof(fc.record({ arguments: fc.dictionary(argument, value) }), anything),
      _meta: meta,
    },
    { requiredKeys: ["uri", "ref", "argument"] },
  );
}

const paramsOf = (tested: TestedDomain) =>
  fc.oneof(
    offered(tested),
    fc
      .record({
        ...toolCall(tested),
        _meta: meta,
        further: fc.dictionary(
          fc.constantFrom("requestState", "inputResponses", "task"),
          fc.jsonValue({ maxDepth: 2 }),
          { maxKeys: 2 },
        ),
      })
      .map(({ _meta, further, ...rest }) => ({ ...rest, ...further, ...(_meta ? { _meta } : {}) })),
    fc.record({
      protocolVersion: fc.oneof(fc.constantFrom("2025-11-25", "2024-11-05"), fc.string()),
      capabilities: fc.jsonValue(),
      clientInfo: fc.jsonValue(),
    }),
    fc.jsonValue(),
  );

const messageOf = (tested: TestedDomain) =>
  fc.record(
    {
      jsonrpc: fc.oneof({ weight: 9, arbitrary: fc.constant("2.0") }, fc.jsonValue()),
      id: fc.oneof(fc.integer(), fc.string(), fc.jsonValue()),
      method: fc.oneof({ weight: 9, arbitrary: rpcMethod }, fc.jsonValue()),
      params: paramsOf(tested),
    },
    { requiredKeys: [] },
  );

const bodyOf = (
  message: fc.Arbitrary<unknown>,
): fc.Arbitrary<string | Uint8Array<ArrayBuffer> | undefined> =>
  fc.oneof(
    { weight: 6, arbitrary: message.map((value) => JSON.stringify(value)) },
    {
      weight: 1,
      arbitrary: fc.array(message, { maxLength: 6 }).map((value) => JSON.stringify(value)),
    },
    {
      weight: 1,
      // One id for all of a batch.
      arbitrary: fc
        .tuple(message, fc.nat(6))
        .map(([value, length]) => JSON.stringify(Array(length).fill(value))),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(rpcMethod, fc.nat(1000)).map(([method, length]) => {
        const icons = Array(length).fill(1);
        const clientInfo = { name: "fuzz", version: "1", icons };
        const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo, icons };
        return JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
      }),
    },
    { weight: 1, arbitrary: fc.json() },
    {
      weight: 1,
      arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => new Uint8Array(bytes)),
    },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 100 }) },
    { weight: 1, arbitrary: fc.nat(3000).map((depth) => "[".repeat(depth)) },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );

/** What a token says: each claim and header of a good one may be changed to anything. */
const tokenChanges = fc.record({
  claims: fc.dictionary(
    fc.constantFrom(
      "iss",
      "aud",
      "exp",
      "nbf",
      "iat",
      "ver",
      "tid",
      "oid",
      "azp",
      "scp",
      "roles",
      "idtyp",
      "cnf",
      "xms_cc",
    ),
    fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom<unknown>("", nowSeconds, -1, 1e308, [], {}),
    ),
    { maxKeys: 2 },
  ),
  header: fc.dictionary(
    fc.constantFrom("typ", "kid", "jwk", "jku", "x5c", "cty"),
    fc.oneof(fc.string({ maxLength: 10 }), fc.jsonValue({ maxDepth: 1 })),
    { maxKeys: 1 },
  ),
  signed: fc.boolean(),
});

type Authorization =
  | { readonly kind: "good" }
  | { readonly kind: "none" }
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "changed";
      readonly changes: typeof tokenChanges extends fc.Arbitrary<infer Value> ? Value : never;
    };

const authorization: fc.Arbitrary<Authorization> = fc.oneof(
  { weight: 8, arbitrary: fc.constant({ kind: "good" as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: "none" as const }) },
  {
    weight: 1,
    arbitrary: fc
      .oneof(
        fc.string(),
        fc.string().map((text) => `Bearer ${text}`),
        fc.base64String().map((text) => `Bearer a.${text}.b`),
      )
      .map((text) => ({ kind: "text" as const, text })),
  },
  { weight: 4, arbitrary: tokenChanges.map((changes) => ({ kind: "changed" as const, changes })) },
);

const requestTo = (tested: TestedDomain) =>
  fc.record({
    method: methods,
    query: fc.oneof(
      { weight: 9, arbitrary: fc.constant("") },
      fc.webQueryParameters().map((text) => `?${text}`),
    ),
    headers: fc.array(fc.tuple(fc.constantFrom(...headerNames), headerValue), { maxLength: 2 }),
    usual: fc.oneof(
      { weight: 4, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.constant(false) },
    ),
    accept: fc.constantFrom("application/json, text/event-stream", "application/json"),
    body: bodyOf(messageOf(tested)),
    authorization,
    isRead: fc.oneof(
      { weight: 9, arbitrary: fc.constant(true) },
      { weight: 1, arbitrary: fc.constant(false) },
    ),
  });

type FuzzedRequest = ReturnType<typeof requestTo> extends fc.Arbitrary<infer Value> ? Value : never;

/** Mostly requests of any kind, and some that are right but for what concerns approvals. */
const caseOf = (tested: TestedDomain) =>
  fc.oneof(
    { weight: 3, arbitrary: requestTo(tested).map((request) => ({ request })) },
    { weight: 1, arbitrary: approvalCall.map((approval) => ({ approval })) },
  );

/**
 * Sends random requests through the whole pipeline: HTTP, JSON-RPC, tokens and approvals, each from
 * nearly right to nonsense. Whatever comes in, the answer must come in time, be no server error, hold
 * nothing that is not the client's to read, and nothing may be done that was not approved.
 *
 * @throws fast-check's error with the smallest request that fails, what went wrong, and the seed to
 *   run it again
 */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { tested = sample, parts } = options;
  const endpoint = await createFuzzedEndpoint(tested, parts);
  const goodToken = await sign(endpoint.key, claimsWith());
  const statuses: Record<number, number> = {};
  let cases = 0;

  async function answerTo(request: Request, isRead: boolean): Promise<readonly Answer[]> {
    const response = await endpoint.send(request);
    const headers = JSON.stringify([...response.headers]);
    if (!isRead) await response.body?.cancel();
    const text = isRead ? await response.text() : "";
    return [{ status: response.status, text, headers }];
  }

  await fc.assert(
    fc.asyncProperty(caseOf(tested), async (fuzzed) => {
      const answers =
        "approval" in fuzzed
          ? await inTime(tryApproval({ endpoint, accessToken: goodToken }, fuzzed.approval))
          : await inTime(
              answerTo(await requestOf(fuzzed.request, endpoint, goodToken), fuzzed.request.isRead),
            );
      cases += 1;
      for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
      check(answers, endpoint);
    }),
    {
      seed: options.seed,
      numRuns: options.cases,
      includeErrorInReport: true,
      ...(options.milliseconds === undefined
        ? {}
        : { interruptAfterTimeLimit: options.milliseconds, markInterruptAsFailure: false }),
    },
  );
  return { cases, seed: options.seed, deletions: endpoint.deleted(), statuses };
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers?: string;
}

function check(answers: readonly Answer[], endpoint: FuzzedEndpoint): void {
  const events = endpoint.takeEvents();
  const isFromTheFuture = events.some(({ fields }) =>
    ["not-yet-valid", "issued-in-the-future"].includes(String(fields?.reason)),
  );
  const failed = answers.find(({ status }) => status >= (isFromTheFuture ? 504 : 500));
  if (failed) throw new Error(`${failed.status}: ${failed.text}`);
  const fault = events.find(({ event }) =>
    [
      "request.failed",
      "response.failed",
      "tool.threw",
      "tool.output-invalid",
      "resource.threw",
      "prompt.threw",
    ].includes(event),
  );
  if (fault) throw new Error(JSON.stringify(fault));
  if (JSON.stringify([answers, events]).includes(marker)) {
    throw new Error("What a tool was not asked for came out.");
  }
  const foreign = answers.find(({ text }) =>
    /"error":\{"code":-\d+,"message":"(?!The arguments of )(?:[^"]{200}|[^"]*[^".]")/.test(text),
  );
  if (foreign) throw new Error(`Not this server's words: ${foreign.text.slice(0, 1000)}`);
  const traced = answers.find(({ text }) => /\n\s+at .+:\d+:\d+/.test(text));
  if (traced) throw new Error(`A stack trace: ${traced.text}`);
  checkAudit(answers, events);
}

/** One event for each request that has come as far as the token's gate, and for each call's end. */
function checkAudit(answers: readonly Answer[], events: ReturnType<FuzzedEndpoint["takeEvents"]>) {
  const count = (event: string) => events.filter((line) => line.event === event).length;
  if (count("audit.authentication") > answers.length) {
    throw new Error(`Signed in more often than asked: ${JSON.stringify(events)}`);
  }
  const results = answers.flatMap(
    ({ text }) => text.match(/"result":\{[^{}]*(?:"content"|"inputRequests")/g) ?? [],
  ).length;
  const closed = events.filter(
    ({ event, fields }) =>
      event === "audit.approval" &&
      ["asked", "declined", "cancelled"].includes(String(fields?.reason)),
  ).length;
  const unknown = events.filter(({ fields }) => fields?.reason === "unknown-tool").length;
  const ended = count("audit.tool-call") - unknown + count("audit.authorization") + closed;
  if (results > ended) throw new Error(`A call without its event: ${JSON.stringify(events)}`);
}

async function requestOf(
  fuzzed: FuzzedRequest,
  endpoint: FuzzedEndpoint,
  goodToken: string,
): Promise<Request> {
  const headers = new Headers(
    fuzzed.usual ? { host, "content-type": "application/json", accept: fuzzed.accept } : { host },
  );
  const credentials = await credentialsOf(fuzzed.authorization, endpoint, goodToken);
  const all =
    credentials === undefined
      ? fuzzed.headers
      : [...fuzzed.headers, ["authorization", credentials] as const];
  for (const [name, value] of all) {
    try {
      headers.set(name, value);
    } catch {
      // What cannot be a header never gets past the platform's own parser.
    }
  }
  const hasBody = fuzzed.body !== undefined && !["GET", "HEAD"].includes(fuzzed.method);
  return new Request(`https://server.invalid/mcp${fuzzed.query}`, {
    method: fuzzed.method,
    headers,
    ...(hasBody ? { body: fuzzed.body } : {}),
  });
}

async function credentialsOf(
  authorization: Authorization,
  { key }: FuzzedEndpoint,
  goodToken: string,
): Promise<string | undefined> {
  switch (authorization.kind) {
    case "none":
      return undefined;
    case "good":
      return `Bearer ${goodToken}`;
    case "text":
      return authorization.text;
    case "changed": {
      const { claims, header, signed } = authorization.changes;
      const payload = claimsWith({ ...claims, [marker]: marker });
      if (signed) {
        try {
          return `Bearer ${await sign(key, payload, header)}`;
        } catch {
          // A header that even the signer refuses is sent unsigned instead.
        }
      }
      return `Bearer ${base64url({ alg: "RS256", typ: "JWT", kid: key.keyId, ...header })}.${base64url(payload)}.AAAA`;
    }
  }
}

async function inTime<Value>(pending: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("No answer in time.")), patience);
  });
  try {
    return await Promise.race([pending, late]);
  } finally {
    clearTimeout(timer);
  }
}
