import type { Answer } from "../../core/endpoint.ts";
import { failure, type Result } from "../../core/result.ts";
import type { ClientProblem, GatewayClient, GatewayClients } from "../clients/clients.ts";
import { matchedRedirectUri } from "../clients/redirect-uri.ts";
import { nameOfFailure } from "../grants/grant-failure.ts";
import type { Grants } from "../grants/grants.ts";
import type { GatewayHandler, GatewayRequest } from "../http/handler.ts";
import { type StepRecord, stepRecord } from "../http/step-record.ts";
import type { UpstreamFailure } from "../upstream/upstream-answer.ts";
import { redirectUriProblem } from "./authorization-request.ts";
import { type ClientError, type ClientOutcome, clientAnswerUrl } from "./client-answer.ts";
import { goingOnPage } from "./consent-page.ts";
import { clientProblemPage, requestProblemPage, signInProblemPage } from "./problem-pages.ts";
import type { ApprovedRequest, FinishedSignIn, SignInProblem, SignIns } from "./sign-ins.ts";

export interface CallbackOptions {
  readonly issuer: string;
  readonly clients: GatewayClients;
  readonly grants: Pick<Grants, "begin" | "demandOn">;
  readonly signIns: SignIns;
  /** Answers where a person has signed in to see their connections. */
  readonly onConnections: (signIn: FinishedSignIn, request: GatewayRequest) => Promise<Answer>;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
}

/** A sign-in that was for a client. */
interface ClientSignIn extends FinishedSignIn {
  readonly purpose: { readonly kind: "client"; readonly request: ApprovedRequest };
}

/** Where Entra sends the browser back to: the person has signed in, or has not. */
export function createCallback(options: CallbackOptions): GatewayHandler {
  return async (request) => {
    const record = stepRecord("gateway-sign-in", request, options.monotonicNow);
    const finished = await options.signIns.finish(request);
    if (!finished.ok) return failed(finished.reason, request, options, record);
    if (isForClient(finished.value)) return admit(finished.value, request, options, record);
    record({ outcome: "success", objectId: finished.value.person.objectId });
    return options.onConnections(finished.value, request);
  };
}

function isForClient(signIn: FinishedSignIn): signIn is ClientSignIn {
  return signIn.purpose.kind === "client";
}

/** Gives the client a code for the person, unless the person has to sign in for more than they have. */
async function admit(
  signIn: ClientSignIn,
  { signal }: GatewayRequest,
  { issuer, clients, grants, signIns }: CallbackOptions,
  record: StepRecord,
): Promise<Answer> {
  const { person, purpose, tokens: upstream, setCookie } = signIn;
  const { request } = purpose;
  const who = { objectId: person.objectId, clientId: request.clientId };
  const client = await recipientOf(request, clients, signal);
  if (!client.ok) {
    record({ ...who, outcome: "refused", reason: client.reason.kind });
    return recipientProblemPage(client.reason);
  }

  const demanded = await grants.demandOn(person.objectId, client.value.id, signal);
  if (!demanded.ok) return unavailable(demanded.reason.kind);
  if (demanded.value !== undefined && demanded.value !== signIn.demanded) {
    const begun = await signIns.begin(purpose, demanded.value, signal);
    if (!begun.ok) return unavailable(begun.reason.kind);
    record({ ...who, outcome: "challenged", reason: "claims-demanded" });
    return goingOnPage(begun.value.url, "Going back to Microsoft", begun.value.setCookie);
  }

  const { redirectUri, scopes, codeChallenge } = request;
  const grant = {
    ...{ person, upstream, client: client.value, redirectUri, scopes, codeChallenge },
    fulfils: signIn.demanded,
  };
  const code = await grants.begin(grant, signal);
  if (!code.ok) return unavailable(code.reason.kind);
  await clients.inUse(client.value.id, signal);
  record({ ...who, outcome: "success" });
  return toClient({ code: code.value });

  function unavailable(reason: string): Answer {
    record({ ...who, outcome: "failed", reason });
    return toClient({ error: "temporarily_unavailable" });
  }

  function toClient(outcome: ClientOutcome): Answer {
    return clientPage(request, outcome, issuer, setCookie);
  }
}

type RecipientProblem = ClientProblem | { readonly kind: "redirect-uri" };

/** The client that is about to get an answer, which may have changed since the person consented. */
async function recipientOf(
  { clientId, redirectUri }: ApprovedRequest,
  clients: GatewayClients,
  signal: AbortSignal,
): Promise<Result<GatewayClient, RecipientProblem>> {
  const client = await clients.find(clientId, signal);
  if (!client.ok) return client;
  const isRegistered = matchedRedirectUri(client.value, redirectUri) !== undefined;
  return isRegistered ? client : failure({ kind: "redirect-uri" });
}

function recipientProblemPage(problem: RecipientProblem): Answer {
  return problem.kind === "redirect-uri"
    ? requestProblemPage(redirectUriProblem)
    : clientProblemPage(problem);
}

/**
 * Nobody has signed in yet. The person goes back to Entra where it demands more of them; otherwise the
 * client is told where one is known, in no words of Entra's.
 */
async function failed(
  problem: SignInProblem,
  { signal }: GatewayRequest,
  { issuer, clients, signIns }: CallbackOptions,
  record: StepRecord,
): Promise<Answer> {
  const purpose = "purpose" in problem ? problem.purpose : undefined;
  const request = purpose?.kind === "client" ? purpose.request : undefined;
  const clientId = request?.clientId;
  const demanded = demandedBy(problem);
  if (purpose && demanded !== undefined) {
    const begun = await signIns.begin(purpose, demanded, signal);
    if (!begun.ok) {
      record({ ...eventOf(begun.reason), clientId });
      return signInProblemPage(begun.reason);
    }
    record({ ...eventOf(problem), clientId, outcome: "challenged", reason: "claims-demanded" });
    return goingOnPage(begun.value.url, "Going back to Microsoft", begun.value.setCookie);
  }
  record({ ...eventOf(problem), clientId });
  if (!request) return signInProblemPage(problem);
  const client = await recipientOf(request, clients, signal);
  if (!client.ok) return recipientProblemPage(client.reason);
  return clientPage(request, { error: errorFor(problem) }, issuer);
}

/**
 * What Entra demands before it gives anything for the code of a sign-in. Once: a sign-in that was asked
 * for claims does not get further by others.
 */
function demandedBy(problem: SignInProblem): string | undefined {
  if (problem.kind !== "upstream" || problem.reason.kind !== "refused") return undefined;
  return problem.demanded === undefined ? problem.reason.claims : undefined;
}

function eventOf(problem: SignInProblem): Parameters<StepRecord>[0] {
  switch (problem.kind) {
    case "no-sign-in":
    case "other-browser":
      return { outcome: "refused", reason: problem.kind };
    case "entra-error":
      return {
        ...{ outcome: "refused", reason: problem.kind, code: problem.code },
        got: problem.error,
      };
    case "upstream": {
      const { kind, code } = problem.reason;
      return {
        ...{ outcome: kind === "refused" ? "refused" : "failed", code },
        reason: `upstream-${kind}`,
      };
    }
    case "not-accepted":
      return { outcome: "refused", reason: problem.reason };
    case "store":
    case "keys":
      return { outcome: "failed", reason: nameOfFailure(problem) };
  }
}

/** What Entra means by an error, as far as a client can act on it. */
const denials: ReadonlySet<string> = new Set([
  ...["access_denied", "consent_required", "interaction_required", "login_required"],
]);

function errorFor(problem: SignInProblem): ClientError {
  switch (problem.kind) {
    case "entra-error":
      if (denials.has(problem.error)) return "access_denied";
      return problem.error === "temporarily_unavailable" ? problem.error : "server_error";
    case "upstream":
      return upstreamErrors[problem.reason.kind];
    case "not-accepted":
      return "access_denied";
    default:
      return "temporarily_unavailable";
  }
}

const upstreamErrors: Readonly<Record<UpstreamFailure["kind"], ClientError>> = {
  refused: "access_denied",
  unavailable: "temporarily_unavailable",
  misconfigured: "server_error",
};

/**
 * Goes on to the client by a page, not by a redirect: a sign-in page whose policy names where its form may
 * lead (`form-action`) knows this server, and browsers would refuse what a redirect leads to from here.
 */
function clientPage(
  request: ApprovedRequest,
  outcome: ClientOutcome,
  issuer: string,
  setCookie?: string,
): Answer {
  const title = "code" in outcome ? "You are signed in" : "You are not signed in";
  return goingOnPage(clientAnswerUrl(request, outcome, issuer), title, setCookie);
}
