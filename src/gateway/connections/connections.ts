import type { Answer } from "../../core/endpoint.ts";
import { type Html, html } from "../../core/html.ts";
import type { LogFields } from "../../core/log.ts";
import { success } from "../../core/result.ts";
import type { KeyRing } from "../../keys/key-ring.ts";
import type { RandomBytes } from "../../keys/signing-key.ts";
import type { FinishedSignIn, SignInProblem, SignIns } from "../authorize/sign-ins.ts";
import { type GrantFailure, nameOfFailure } from "../grants/grant-failure.ts";
import type { Connection, Grants } from "../grants/grants.ts";
import type { GatewayHandler, GatewayRequest } from "../http/handler.ts";
import { stepRecord } from "../http/step-record.ts";
import type { GatewaySettings } from "../settings.ts";
import type { GatewayStore } from "../store/records.ts";
import { ConnectionForms, type Deed, type FormProblem } from "./connection-forms.ts";
import { connectionsPage, type ListedConnection } from "./connections-page.ts";
import { endConnections } from "./ending.ts";
import { type MessagePage, messagePage, messages } from "./messages.ts";
import { createSessions, endSessionCookie, type Session } from "./sessions.ts";

export interface ConnectionsOptions {
  /** Of the gateway, whose page this is. */
  readonly issuer: string;
  /** What the server is called: `Expenses`. */
  readonly title: string;
  readonly settings: Pick<GatewaySettings, "idleMilliseconds">;
  readonly store: GatewayStore;
  readonly keyRing: KeyRing;
  readonly grants: Pick<Grants, "connectionsOf" | "everyConnectionOf" | "end">;
  readonly signIns: Pick<SignIns, "begin">;
  readonly randomBytes: RandomBytes;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds by a clock that nobody sets: for durations alone. */
  readonly monotonicNow: () => number;
}

export interface ConnectionsEndpoints {
  /** `/gateway/connections`, where a person sees their connections and ends them. */
  readonly connections: GatewayHandler;
  /** Answers at `callback`, once somebody has signed in to see them. */
  onConnections(signIn: FinishedSignIn, request: GatewayRequest): Promise<Answer>;
}

/**
 * A person's connections. Only somebody who has just signed in sees and ends them: the session that
 * follows is of ten minutes, and each form is bound to it and to what it does.
 */
export function createConnections(options: ConnectionsOptions): ConnectionsEndpoints {
  const { issuer, title: server, grants, signIns, now, monotonicNow } = options;
  const path = `${new URL(issuer).pathname}/connections`;
  const idleDays = options.settings.idleMilliseconds / (24 * 60 * 60 * 1000);
  const sessions = createSessions(options);
  const forms = new ConnectionForms(options.keyRing, now);

  async function show(request: GatewayRequest): Promise<Answer> {
    const session = await sessions.find(request.cookies, request.signal);
    if (!session.ok) return unavailable({ kind: "store", reason: session.reason }, request);
    if (!session.value) return signIn(request);
    const found = await grants.connectionsOf(session.value.objectId, request.signal);
    if (!found.ok) return unavailable(found.reason, request);
    return list(session.value, found.value, request);
  }

  async function signIn(request: GatewayRequest): Promise<Answer> {
    const begun = await signIns.begin({ kind: "connections" }, undefined, request.signal);
    return begun.ok
      ? seeOther(begun.value.url, begun.value.setCookie)
      : unavailable(begun.reason, request);
  }

  async function act(request: GatewayRequest): Promise<Answer> {
    const session = await sessions.find(request.cookies, request.signal);
    if (!session.ok) {
      return unavailable({ kind: "store", reason: session.reason }, request, messages.notChanged);
    }
    if (!session.value) return message(messages.sessionOver);
    const deed = await forms.deedOf(session.value, request.form);
    if (!deed.ok) return formProblem(deed.reason, session.value, request);
    return deed.value.kind === "sign-out"
      ? signOut(session.value, request)
      : end(session.value, deed.value, request);
  }

  async function end(
    session: Session,
    deed: Exclude<Deed, { kind: "sign-out" }>,
    request: GatewayRequest,
  ): Promise<Answer> {
    const { objectId } = session;
    const found = await grants.everyConnectionOf(objectId, request.signal);
    if (!found.ok) return unavailable(found.reason, request, messages.notChanged);
    const isMeant = ({ grantId }: Connection) =>
      deed.kind === "end-all" || grantId === deed.grantId;
    const meant = found.value.filter(isMeant);
    if (deed.kind === "end" && meant.length === 0) return message(messages.noSuchConnection);

    const { log, id: correlationId } = request.invocation;
    const { signal } = request;
    const ending = { grants, log, monotonicNow, correlationId, signal };
    const ended = await endConnections(objectId, meant, "connection-ended", ending);
    if (!ended.ok) return unavailable(ended.reason, request, messages.notAllEnded);
    const left = found.value.filter((connection) => !isMeant(connection));
    return list(session, left, request, noticeOf(meant));
  }

  async function signOut(session: Session, request: GatewayRequest): Promise<Answer> {
    const ended = await sessions.end(session, request.signal);
    return ended.ok
      ? message({ ...messages.signedOut, setCookie: endSessionCookie })
      : unavailable({ kind: "store", reason: ended.reason }, request, messages.notChanged);
  }

  async function list(
    session: Session,
    found: readonly Connection[],
    request: GatewayRequest,
    notice?: Html,
  ): Promise<Answer> {
    const made = await formsFor(session, found);
    if (!made.ok) {
      const page = notice === undefined ? messages.notShown : messages.endedNotShown;
      return unavailable({ kind: "keys", reason: made.reason }, request, page);
    }
    return connectionsPage({ path, server, idleDays, notice, ...made.value });
  }

  async function formsFor(session: Session, found: readonly Connection[]) {
    const connections: ListedConnection[] = [];
    for (const connection of found.toSorted((one, other) => other.lastUsed - one.lastUsed)) {
      const deed = { kind: "end", grantId: connection.grantId } as const;
      const form = await forms.fieldsOf(session, deed);
      if (!form.ok) return form;
      connections.push({ ...connection, form: form.value });
    }
    const endAll = await forms.fieldsOf(session, { kind: "end-all" });
    if (!endAll.ok) return endAll;
    const signOut = await forms.fieldsOf(session, { kind: "sign-out" });
    if (!signOut.ok) return signOut;
    return success({ connections, endAll: endAll.value, signOut: signOut.value });
  }

  function formProblem(
    problem: FormProblem,
    { objectId }: Session,
    request: GatewayRequest,
  ): Answer {
    if (problem.kind === "keys") return unavailable(problem, request, messages.notChanged);
    const record = stepRecord("gateway-connection-ended", request, monotonicNow);
    record({ outcome: "refused", reason: problem.kind, objectId });
    return message(messages.foreignForm);
  }

  function message(page: MessagePage): Answer {
    return messagePage(page, path);
  }

  /** Something is out of reach: the log is told what, and the person what has become of their wish. */
  function unavailable(
    problem: GrantFailure | SignInProblem,
    { invocation: { log } }: GatewayRequest,
    page: MessagePage = messages.notShown,
  ): Answer {
    log("error", "gateway.connections-failed", fieldsOf(problem));
    return message(page);
  }

  return {
    connections: (request) => (request.method === "POST" ? act(request) : show(request)),

    async onConnections({ person, setCookie }, request) {
      const begun = await sessions.begin(person.objectId, request.signal);
      if (begun.ok) return seeOther(`${issuer}/connections`, begun.value);
      const page = { ...messages.notShown, setCookie };
      return unavailable({ kind: "store", reason: begun.reason }, request, page);
    },
  };
}

/** RFC 9110 section 15.4.4. Nothing keeps the address that was asked, which may hold a code. */
function seeOther(location: string, setCookie: string): Answer {
  return {
    status: 303,
    headers: {
      location,
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "set-cookie": setCookie,
    },
    body: null,
  };
}

function fieldsOf(problem: GrantFailure | SignInProblem): LogFields {
  if (problem.kind !== "store" && problem.kind !== "keys") return { reason: problem.kind };
  const { reason } = problem;
  const cause = "cause" in reason ? { cause: reason.cause } : {};
  return { reason: nameOfFailure(problem), ...cause };
}

function noticeOf(ended: readonly Connection[]): Html {
  const [first] = ended;
  if (first === undefined) return html`There was nothing to end.`;
  return ended.length === 1
    ? html`The connection of <bdi>${first.clientName}</bdi> has ended.`
    : html`${ended.length} connections have ended.`;
}
