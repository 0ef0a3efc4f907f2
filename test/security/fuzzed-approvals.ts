import fc from "fast-check";
import { confirmationIn } from "../mcp/approvals/set-up.ts";
import type { ToolResult } from "../support/clients.ts";
import { type Revision, toolCallMessage, toolCallRequest } from "../support/tool-call-request.ts";
import { type FuzzedEndpoint, host } from "./fuzzed-endpoint.ts";

/** How what the server gave out comes back. */
const changes = {
  none: (token: string) => token,
  "white space": (token: string) => `${token}\n`,
  "cut off": (token: string) => token.slice(0, -1),
  longer: (token: string) => `${token}A`,
  "another part": (token: string) => `${token}.e30`,
  "without its code": (token: string) => token.slice(0, -27),
  "two at once": (token: string) => token + token,
  "a later end": (token: string) => {
    const bytes = Buffer.from(token, "base64url");
    bytes.writeUInt32BE(0xffff_ffff, 4);
    return bytes.toString("base64url");
  },
  "upper case": (token: string) => token.toUpperCase(),
} satisfies Record<string, (token: string) => string>;

/** What a call brings as its approval: something given out just before, as it was or not, or nonsense. */
const token = fc.option(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        from: fc.constantFrom("confirmation", "requestState"),
        change: fc.oneof(
          { weight: 2, arbitrary: fc.constant("none" as const) },
          {
            weight: 1,
            arbitrary: fc.constantFrom(...(Object.keys(changes) as (keyof typeof changes)[])),
          },
        ),
      }),
    },
    { weight: 1, arbitrary: fc.record({ value: fc.jsonValue({ maxDepth: 2 }) }) },
  ),
  { nil: undefined },
);

type Token = typeof token extends fc.Arbitrary<infer Value> ? Value : never;

const answer = fc.oneof(
  { weight: 4, arbitrary: fc.record({ action: fc.constant("accept"), content: fc.constant({}) }) },
  { weight: 1, arbitrary: fc.record({ action: fc.constantFrom("decline", "cancel", "ACCEPT") }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
);

/** A call of the tool that needs approval, right but for what concerns approvals. */
export const approvalCall = fc.record({
  revision: fc.constantFrom<Revision>("2026-07-28", "2025-11-25"),
  /** What it names, where that is not what is there. */
  other: fc.oneof(
    { weight: 6, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.record({ value: fc.jsonValue({ maxDepth: 1 }) }) },
  ),
  confirmation: token,
  requestState: token,
  capabilities: fc.oneof(
    fc.constantFrom<unknown>(
      {},
      { elicitation: {} },
      { elicitation: { form: {} } },
      { elicitation: { url: {} } },
    ),
    fc.record({ elicitation: fc.jsonValue({ maxDepth: 2 }) }),
  ),
  inputResponses: fc.option(
    fc.oneof(
      { weight: 3, arbitrary: fc.record({ approval: answer }) },
      { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
    ),
    { nil: undefined },
  ),
  /** How often it is sent at the same time. */
  times: fc.integer({ min: 1, max: 3 }),
  /** In a batch rather than in requests of their own. */
  batched: fc.boolean(),
});

type ApprovalCall = typeof approvalCall extends fc.Arbitrary<infer Value> ? Value : never;

/** Whose calls they are. */
export interface FuzzedClient {
  readonly endpoint: FuzzedEndpoint;
  readonly accessToken: string;
}

/** Sends what is right in every respect, of either era. */
async function send(
  { endpoint, accessToken }: FuzzedClient,
  revision: Revision,
  messages: Parameters<typeof toolCallRequest>[3],
): Promise<{ status: number; text: string }> {
  const url = "https://server.invalid/mcp";
  const request = toolCallRequest(url, revision, accessToken, messages, { host });
  const response = await endpoint.send(request);
  return { status: response.status, text: await response.text() };
}

/** The tool that removes something once approved, its argument, and the argument's good value. */
function removalBy({ tested }: FuzzedEndpoint) {
  const { name: tool, arguments: toolArguments } = tested.stored.removal;
  const [[argument = "", existing] = []] = Object.entries(toolArguments);
  return { tool, argument, existing };
}

/** What an honest client is given for a first call, by either way of approving. */
async function givenOut(client: FuzzedClient) {
  const { name, arguments: toolArguments } = client.endpoint.tested.stored.removal;
  const first = async (capabilities: object) => {
    const params = { name, arguments: toolArguments };
    const call = toolCallMessage("2026-07-28", params, capabilities);
    const { text } = await send(client, "2026-07-28", call);
    return (JSON.parse(text) as { result: ToolResult & { requestState?: string } }).result;
  };
  return {
    confirmation: confirmationIn(await first({})),
    requestState: String((await first({ elicitation: {} })).requestState),
  };
}

function isYes(inputResponses: unknown): boolean {
  return JSON.stringify(inputResponses)?.includes('"action":"accept"') ?? false;
}

/**
 * Sends a call, as often as it says, and judges what was deleted by it: nothing without an approval
 * that is as it was given out, and for this; and with it no more than once.
 *
 * @returns what was answered
 */
export async function tryApproval(
  client: FuzzedClient,
  call: ApprovalCall,
): Promise<readonly { status: number; text: string }[]> {
  const { revision, other, capabilities, inputResponses, times } = call;
  const { endpoint } = client;
  const { tool, argument, existing } = removalBy(endpoint);
  const named = other ? other.value : existing;
  const given = await givenOut(client);
  const broughtAs = (token: Token) => {
    if (token === undefined) return undefined;
    if ("value" in token) return token.value;
    return changes[token.change](
      given[token.from === "confirmation" ? "confirmation" : "requestState"],
    );
  };
  const confirmation = broughtAs(call.confirmation);
  const message = toolCallMessage(
    revision,
    {
      name: tool,
      arguments: { [argument]: named, confirmation },
      requestState: broughtAs(call.requestState),
      inputResponses,
    },
    capabilities,
  );
  endpoint.takeEvents();
  const before = endpoint.deleted();
  const batched = call.batched && revision !== "2026-07-28";
  const messages = Array.from({ length: times }, (_, index) => ({ ...message, id: index + 1 }));
  const answers = batched
    ? [await send(client, revision, messages)]
    : await Promise.all(messages.map((single) => send(client, revision, single)));

  const isAsGiven = (token: Token, from: "confirmation" | "requestState") =>
    token !== undefined && "from" in token && token.from === from && token.change === "none";
  const isApproved =
    named === existing &&
    (isAsGiven(call.confirmation, "confirmation") ||
      (revision === "2026-07-28" &&
        isAsGiven(call.requestState, "requestState") &&
        isYes(inputResponses)));
  const deleted = endpoint.deleted() - before;
  if (deleted > (isApproved ? 1 : 0)) {
    throw new Error(`Deleted ${deleted} times; approved: ${isApproved}.`);
  }
  return answers;
}
