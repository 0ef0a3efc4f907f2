import type {
  McpRequestContext,
  McpServer,
  ServerContext,
  StandardSchemaV1,
} from "@modelcontextprotocol/server";
import { failure, type Result } from "../core/result.ts";
import {
  type CompletionRequest,
  type DefinedPrompt,
  type DefinedResource,
  internalError,
  invalidParams,
  type Offer,
  type OfferOutcome,
} from "./offer.ts";
import type { OwnError } from "./own-words.ts";
import { type AdministratorCheck, visibleTo } from "./policy.ts";
import { withProgress } from "./progress.ts";
import { scopeChallengeOf } from "./registration.ts";
import { type RequestSlot, type ScopeNames, undoneText } from "./request-slot.ts";
import type { ToolContext } from "./tool.ts";

/** How long a client may keep a list. What it holds differs by caller, hence always `private`. */
export const cacheHint = { ttlMs: 60_000, cacheScope: "private" } as const;
export const notToBeKept = { ttlMs: 0, cacheScope: "private" } as const;

/** What a server offers beside tools. */
export interface Offers {
  readonly resources: readonly DefinedResource[];
  readonly prompts: readonly DefinedPrompt[];
  readonly isAdministrator: AdministratorCheck;
  readonly scopes: ScopeNames;
}

/** @throws {Error} where two have one name, or one URI */
export function checkOffers({ resources, prompts }: Offers): void {
  const names = [
    ...resources.map(({ name }) => `resources have the name ${name}`),
    ...resources.map(({ listing }) => `resources have the URI ${uriOf(listing)}`),
    ...prompts.map(({ name }) => `prompts have the name ${name}`),
  ];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`Two ${twice}.`);
}

function uriOf(listing: DefinedResource["listing"]): string {
  return "uri" in listing ? listing.uri : listing.uriTemplate;
}

/** What a server with these offers declares. Of changes nothing is sent. */
export function offerCapabilities({ resources, prompts }: Offers) {
  const isAny = resources.length + prompts.length > 0;
  return {
    ...(resources.length > 0 && { resources: { listChanged: false } }),
    ...(prompts.length > 0 && { prompts: { listChanged: false } }),
    ...(isAny && { completions: {} }),
  };
}

/** Whether a client may keep what it was answered, by method. */
export function offerCacheHints({ resources, prompts }: Offers) {
  return {
    ...(resources.length > 0 && {
      "resources/list": cacheHint,
      "resources/templates/list": cacheHint,
      "resources/read": notToBeKept,
    }),
    ...(prompts.length > 0 && { "prompts/list": cacheHint }),
  };
}

type Parameters = Readonly<Record<string, unknown>>;
type MessageParts = ServerContext["mcpReq"];

/** Parameters as they came, so that it is our words that say what is wrong with them. */
const asTheyCame: StandardSchemaV1<Parameters> = {
  "~standard": { version: 1, vendor: "own", validate: (value) => ({ value: value as Parameters }) },
};

/**
 * Has the server of one request serve resources and prompts, but only what this request asks for: to
 * register all of them each time would make every request dearer.
 */
export function serveOffers(
  server: McpServer,
  offers: Offers,
  slot: RequestSlot,
  era: McpRequestContext["era"],
): void {
  const { resources, prompts, isAdministrator } = offers;
  const { context } = slot;
  const services = { isAdministrator };
  // Nearly every request is a call, or a list of tools.
  if (resources.length + prompts.length === 0 || !asksForOffers(slot)) return;
  challengeForScopes(server, offers, slot);
  if (resources.length > 0) {
    on("resources/list", async () => {
      const ones = resources.filter(({ listing }) => "uri" in listing);
      return listed("resource", ones, (listings) => ({ resources: listings }));
    });
    on("resources/templates/list", async () => {
      const templates = resources.filter(({ listing }) => "uriTemplate" in listing);
      return listed("resource", templates, (listings) => ({ resourceTemplates: listings }));
    });
    on("resources/read", async ({ uri }, message) => {
      const found = resourceAt(resources, uri);
      if (!found || typeof uri !== "string") return refuse(message, "resource-read", uri);
      slot.maximumBytes = Math.max(slot.maximumBytes, found.maximumBytes);
      return answer(message, "resource-read", found, (own) => found.read(uri, own, services));
    });
  }
  if (prompts.length > 0) {
    on("prompts/list", async () =>
      listed("prompt", prompts, (listings) => ({ prompts: listings })),
    );
    on("prompts/get", async ({ name, arguments: given }, message) => {
      const found = prompts.find((prompt) => prompt.name === name);
      if (!found) return refuse(message, "prompt-get");
      return answer(message, "prompt-get", found, (own) => found.get(given, own, services));
    });
  }
  if (resources.length + prompts.length > 0) {
    on("completion/complete", async (params, message) => {
      const found = referredTo(offers, params.ref);
      const asked = completionRequest(params);
      if (!found || !asked) return refuse(message, "completion");
      return answer(message, "completion", found, (own) => found.complete(asked, own, services));
    });
  }

  function on(
    method: string,
    answer: (params: Parameters, message: MessageParts) => Promise<Record<string, unknown>>,
  ): void {
    if (!slot.methods.has(method)) return;
    server.server.setRequestHandler(method, { params: asTheyCame }, (params, { mcpReq }) =>
      answer(params, mcpReq),
    );
  }

  async function listed<Item extends DefinedResource | DefinedPrompt>(
    kind: "resource" | "prompt",
    all: readonly Item[],
    resultOf: (listings: Item["listing"][]) => Record<string, unknown>,
  ): Promise<Record<string, unknown>> {
    const { items, isCertain } = await visibleTo(kind, all, isAdministrator, context);
    const result = resultOf(items.map(({ listing }) => listing));
    // What a moment's outage hid is not to be missing for as long as a list may be kept.
    return isCertain || era === "legacy" ? result : { ...result, ...notToBeKept };
  }

  /** What an offer answers to a message, in its turn. */
  async function answer<Answer>(
    message: MessageParts,
    action: Offer["action"],
    { name }: { readonly name: string },
    work: (context: ToolContext) => Promise<OfferOutcome<Answer>>,
  ): Promise<Answer> {
    const result = await slot.run<Result<Answer, OwnError>>({
      signal: message.signal,
      work: () => work(withProgress(context, message)),
      undone: (reason) => ({
        result: failure({ code: internalError, message: undoneText(name) }),
        event: { action, name, outcome: "failed", reason },
      }),
    });
    if (result.ok) return result.value;
    throw slot.fail(message.id, result.reason);
  }

  function refuse({ id }: MessageParts, action: keyof typeof unknown, uri?: unknown): never {
    const { reason, message } = unknown[action];
    context.audit({ action, outcome: "failed", reason });
    const isShort = typeof uri === "string" && uri.length <= longestUri;
    throw slot.fail(id, { code: invalidParams, message, ...(isShort && { data: { uri } }) });
  }
}

function asksForOffers({ methods }: RequestSlot): boolean {
  for (const method of methods) {
    if (/^(?:resources|prompts|completion)\//.test(String(method))) return true;
  }
  return false;
}

/** In characters: an error tells it back to who asked for it, and the SDK throws at very long ones. */
const longestUri = 1000;

const unknown = {
  "resource-read": {
    reason: "unknown-resource",
    message:
      "There is no such resource. resources/list and resources/templates/list show what there is.",
  },
  "prompt-get": {
    reason: "unknown-prompt",
    message: "There is no such prompt. prompts/list shows those there are.",
  },
  completion: {
    reason: "unknown-reference",
    message: "There is no such prompt or resource template, or the argument has no name and value.",
  },
} as const;

function resourceAt(
  resources: readonly DefinedResource[],
  uri: unknown,
): DefinedResource | undefined {
  if (typeof uri !== "string" || uri.length > longestUri) return undefined;
  return resources.find((resource) => resource.match(uri) !== undefined);
}

/**
 * Registers with the SDK what the request names and a further scope is needed for. It challenges by
 * what is registered, and serves nothing by that, since our own handlers take its place.
 */
function challengeForScopes(
  server: McpServer,
  { resources, prompts, scopes }: Offers,
  slot: RequestSlot,
): void {
  const unserved = () => Promise.reject(new Error("Registered for its scopes alone."));
  for (const uri of new Set(slot.named("resources/read", "uri"))) {
    const found = resourceAt(resources, uri);
    if (!found?.policy.scopes || !URL.canParse(uri)) continue;
    const scopeChallenge = scopeChallengeOf(found.policy, { name: found.name }, scopes);
    server.registerResource(uri, new URL(uri).href, { scopeChallenge }, unserved);
  }
  for (const name of new Set(slot.named("prompts/get", "name"))) {
    const found = prompts.find((prompt) => prompt.name === name);
    if (!found?.policy.scopes) continue;
    const scopeChallenge = scopeChallengeOf(found.policy, { name }, scopes);
    server.registerPrompt(name, { scopeChallenge }, unserved);
  }
}

/** What a completion is for: `ref/prompt` with a name, `ref/resource` with a template as it is listed. */
function referredTo(
  { resources, prompts }: Offers,
  ref: unknown,
): DefinedResource | DefinedPrompt | undefined {
  if (!isObject(ref)) return undefined;
  return ref.type === "ref/prompt"
    ? prompts.find(({ name }) => name === ref.name)
    : resources.find(({ listing }) => uriOf(listing) === ref.uri);
}

function completionRequest({ argument, context }: Parameters): CompletionRequest | undefined {
  if (!isObject(argument)) return undefined;
  const { name, value } = argument;
  if (typeof name !== "string" || typeof value !== "string") return undefined;
  const chosen = isObject(context) && isObject(context.arguments) ? context.arguments : {};
  const texts = Object.entries(chosen).filter(([, other]) => typeof other === "string");
  return { name, begun: value, others: Object.fromEntries(texts) as Record<string, string> };
}

function isObject(value: unknown): value is Parameters {
  return typeof value === "object" && value !== null;
}
