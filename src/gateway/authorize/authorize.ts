import type { Answer } from "../../core/endpoint.ts";
import { failure } from "../../core/result.ts";
import type { GatewayHandler, GatewayRequest } from "../http/handler.ts";
import { stepRecord } from "../http/step-record.ts";
import {
  type AuthorizationRequest,
  judgeRequest,
  type RequestJudgeOptions,
  type RequestProblem,
} from "./authorization-request.ts";
import { clientAnswerUrl } from "./client-answer.ts";
import { type ConsentFormOptions, checkForm, openForm } from "./consent-form.ts";
import { consentPage, goingOnPage, type ServerWords } from "./consent-page.ts";
import {
  formProblemPage,
  requestProblemPage,
  signInProblemPage,
  unavailablePage,
} from "./problem-pages.ts";
import type { SignIns } from "./sign-ins.ts";

export interface AuthorizeOptions extends RequestJudgeOptions, ConsentFormOptions {
  readonly issuer: string;
  readonly server: ServerWords;
  readonly signIns: Pick<SignIns, "begin">;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
}

/**
 * The authorization endpoint (RFC 6749 section 3.1): GET asks the person, each time, and POST takes their
 * answer. Entra is reached after consent alone, and the state that comes back from it is made after
 * consent too.
 *
 * Source: https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices, "Confused
 * Deputy Problem"
 */
export function createAuthorize(options: AuthorizeOptions): GatewayHandler {
  return (request) =>
    request.method === "POST" ? decide(request, options) : ask(request, options);
}

async function ask(request: GatewayRequest, options: AuthorizeOptions): Promise<Answer> {
  const judged = await judgeRequest(request.query, options, request.signal);
  if (!judged.ok) return refuse(judged.reason, request);
  const form = await openForm(judged.value, request.cookies, options);
  if (!form.ok) return unavailablePage();
  return consentPage(judged.value, form.value, options.server, options.issuer);
}

async function decide(request: GatewayRequest, options: AuthorizeOptions): Promise<Answer> {
  const record = stepRecord("gateway-consent", request, options.monotonicNow);
  const form = request.form ?? failure({ kind: "malformed" });
  const judged = await judgeRequest(form, options, request.signal);
  if (!judged.ok) return refuse(judged.reason, request);
  const { client } = judged.value;
  const parameter = (name: string) => (form.ok ? form.value.get(name) : undefined);

  const handle = parameter("handle") ?? "";
  const shown = await checkForm(judged.value, handle, request.cookies, options);
  if (!shown.ok) {
    const { kind } = shown.reason;
    const outcome = kind === "keys" ? "failed" : "refused";
    record({ outcome, reason: `form-${kind}`, clientId: client.id });
    return kind === "keys" ? unavailablePage() : formProblemPage(kind);
  }

  // Whatever is not Allow is a refusal.
  if (parameter("decision") !== "allow") {
    record({ outcome: "refused", reason: "denied", clientId: client.id }, "info");
    return goBack(judged.value, options.issuer);
  }
  const begun = await beginSignIn(judged.value, request, options);
  if (!begun.ok) {
    record({ outcome: "failed", reason: `sign-in-${begun.reason.kind}`, clientId: client.id });
    return signInProblemPage(begun.reason);
  }
  record({ outcome: "success", clientId: client.id });
  return goingOnPage(begun.value.url, "Going on to Microsoft", begun.value.setCookie);
}

function beginSignIn(
  { client, redirectUri, state, scopes, codeChallenge }: AuthorizationRequest,
  { signal }: GatewayRequest,
  { signIns }: AuthorizeOptions,
) {
  const request = { clientId: client.id, redirectUri, state, scopes, codeChallenge };
  return signIns.begin({ kind: "client", request }, undefined, signal);
}

function goBack(request: AuthorizationRequest, issuer: string): Answer {
  const url = clientAnswerUrl(request, { error: "access_denied" }, issuer);
  return goingOnPage(url, "Not allowed");
}

function refuse(problem: RequestProblem, { invocation }: GatewayRequest): Answer {
  invocation.log("warn", "gateway.request-refused", fieldsOf(problem));
  return requestProblemPage(problem);
}

function fieldsOf(problem: RequestProblem): Readonly<Record<string, string>> {
  switch (problem.kind) {
    case "parameters":
      return { reason: `parameters-${problem.problem.kind}` };
    case "parameter":
      return { reason: problem.error, parameter: problem.parameter };
    case "client": {
      const { problem: cause } = problem;
      return cause.kind === "client-document"
        ? { reason: cause.kind, cause: cause.problem.kind }
        : { reason: cause.kind };
    }
  }
}
