import { bearerChallenge, parseChallenges } from "../../shared/challenge.ts";
import { asObject, type Exchange, excerpt, headerOf, statusOf } from "../../shared/exchange.ts";
import {
  discover,
  initialize,
  type McpMessage,
  messageOf,
  toolsOf,
} from "../../shared/mcp-message.ts";
import { documentOf, isQualified, isResource } from "../../shared/metadata.ts";
import {
  badToken,
  group,
  judge,
  judgeEach,
  judgeStatus,
  notApplicable,
  type Outcome,
  withToken,
  worstOf,
} from "../check.ts";
import type { Context } from "../context.ts";

const noChallenge = notApplicable("there is no Bearer challenge");

/** Judges a parameter of the challenge that a request without credentials gets. */
function parameter(
  name: string,
  expected: string,
  isRight: (value: string | undefined) => boolean,
) {
  return async ({ discovery: { challenge, unauthenticated } }: Context): Promise<Outcome> =>
    challenge
      ? judge(isRight(challenge.parameters.get(name)), unauthenticated, `${name} ${expected}`)
      : noChallenge;
}

const isScopeQualified = parameter("scope", "is qualified", (value = "") =>
  value.split(" ").every(isQualified),
);

/** Presents a token that is none, and reads the challenge in the answer. */
async function presentBadToken(context: Context) {
  const exchange = await context.present(badToken, "a token that is none");
  const challenge = bearerChallenge(headerOf(exchange, "www-authenticate"));
  return { exchange, parameters: challenge?.parameters };
}

/** What a client without a token may send, in both eras. */
const withoutCredentials: readonly McpMessage[] = [
  discover,
  initialize,
  messageOf("modern", "tools/list"),
  messageOf("legacy", "tools/list"),
  messageOf("modern", "resources/list"),
  messageOf("legacy", "ping"),
  messageOf("legacy", "notifications/initialized"),
  messageOf("modern", "authsuite/unknown-method"),
];

/** Bodies that are no MCP: a server may refuse them before it asks for a token. */
const malformedMessages: readonly McpMessage[] = [
  { method: "no JSON", headers: initialize.headers, body: "{" },
  { method: "nothing", headers: initialize.headers, body: "" },
];

const unknownTool = "authsuite_unknown_tool";
const otherUnknownTool = "authsuite_no_such_tool";

function headOf(exchange: Exchange): string {
  return `${statusOf(exchange)} ${headerOf(exchange, "www-authenticate") ?? ""}`;
}

/** All that an answer says, but for the tool's name that it may repeat. */
function textOf(exchange: Exchange, tool: string): string {
  return `${headOf(exchange)} ${exchange.answer?.body}`.replaceAll(tool, "");
}

/** A tool that would change nothing if it ran after all. */
function readOnlyTool(list: Exchange): string | undefined {
  const named = toolsOf(list)?.find((tool) => asObject(tool?.annotations)?.readOnlyHint === true);
  // The name travels in a header too, and comes from a stranger.
  return /^[\x21-\x7e]+$/.exec(String(named?.name ?? ""))?.[0];
}

export const challenge = group("challenge", "Challenge", {
  status: async ({ discovery }) => judgeStatus(discovery.unauthenticated, 401),
  scheme: async ({ discovery: { challenge, unauthenticated } }) =>
    judge(challenge !== undefined, unauthenticated, "WWW-Authenticate: Bearer …"),
  grammar: async ({ discovery: { challenge, unauthenticated } }) => {
    const header = headerOf(unauthenticated, "www-authenticate");
    if (header === undefined) return noChallenge;
    const isWellFormed = parseChallenges(header) !== undefined;
    return judge(
      isWellFormed && (challenge?.repeated.length ?? 0) === 0,
      unauthenticated,
      'name="value" pairs with commas between, each name once',
    );
  },
  "no-error": parameter("error", "is absent", (value) => value === undefined),
  "resource-metadata": parameter("resource_metadata", "is an absolute URL", (value) =>
    /^https?:\/\//.test(URL.parse(value ?? "")?.href ?? ""),
  ),
  "leads-to-document": async ({ target, discovery: { metadataFromChallenge: found } }) => {
    if (!found) return notApplicable("the challenge leads nowhere");
    const resource = documentOf(found)?.resource;
    const got = resource === undefined ? undefined : `resource ${JSON.stringify(resource)}`;
    return judge(isResource(target, resource), found, `200, resource "${target.href}"`, got);
  },
  scope: parameter("scope", "names a scope", (value) => Boolean(value?.trim())),
  "scope-qualified": async (context) =>
    context.discovery.challenge?.parameters.has("scope")
      ? isScopeQualified(context)
      : notApplicable("the challenge names no scope"),
  "offline-access": parameter(
    "scope",
    "lacks offline_access",
    (value = "") => !value.split(" ").includes("offline_access"),
  ),
  "invalid-token": async (context) => {
    const { exchange, parameters } = await presentBadToken(context);
    const isNamed = parameters?.get("error") === "invalid_token";
    return judge(statusOf(exchange) === 401 && isNamed, exchange, '401 with error="invalid_token"');
  },
  "invalid-token-metadata": async (context) => {
    const expected = context.discovery.challenge?.parameters.get("resource_metadata");
    if (expected === undefined) return notApplicable("no challenge names the metadata document");
    const { exchange, parameters } = await presentBadToken(context);
    const got = parameters?.get("resource_metadata");
    return judge(got === expected, exchange, `resource_metadata="${excerpt(expected)}"`);
  },
  "every-message": async (context) => {
    const { challenge, unauthenticated } = context.discovery;
    if (statusOf(unauthenticated) !== 401 || !challenge) return noChallenge;
    const post = (message: McpMessage) => context.post({ sent: "without credentials", message });
    const expected = challenge.parameters.get("resource_metadata");
    // The scope may differ: it is that of the operation (MCP, Scope Selection Strategy).
    const wellFormed = await judgeEach(withoutCredentials, post, (exchange) => {
      const got = bearerChallenge(headerOf(exchange, "www-authenticate"));
      return judge(
        statusOf(exchange) === 401 && got?.parameters.get("resource_metadata") === expected,
        exchange,
        `401 with a challenge like that of ${initialize.method}`,
      );
    });
    const malformed = await judgeEach(malformedMessages, post, (exchange) =>
      judgeStatus(exchange, 401, 400),
    );
    return worstOf([wellFormed, malformed]);
  },
  "tools-unrevealed": withToken(async (context) => {
    const { era, token, discovery } = context;
    // A server that asks for no token would run what is called here.
    if (statusOf(discovery.unauthenticated) !== 401) return noChallenge;
    const list = await context.post({
      sent: "with the good token",
      message: messageOf(era, "tools/list"),
      authorization: `Bearer ${token}`,
    });
    const tool = readOnlyTool(list);
    if (tool === undefined) return notApplicable("no tool is listed that only reads");
    const call = (name: string) =>
      context.post({
        sent: `of ${name} without credentials`,
        message: messageOf(era, "tools/call", { name, arguments: {} }),
      });
    const existing = await call(tool);
    const unknown = await call(unknownTool);
    const alsoUnknown = await call(otherUnknownTool);
    // Bodies that differ between unknown tools, such as by a number each, tell of no tool.
    const areAlike = textOf(unknown, unknownTool) === textOf(alsoUnknown, otherUnknownTool);
    const substance = areAlike ? textOf : headOf;
    return judge(
      substance(existing, tool) === substance(unknown, unknownTool),
      existing,
      `the answer that an unknown tool gets: ${excerpt(substance(unknown, unknownTool))}`,
    );
  }),
});
