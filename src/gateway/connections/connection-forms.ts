import { failure, type Result, success } from "../../core/result.ts";
import type { KeyRing } from "../../keys/key-ring.ts";
import type { KeyRingFailure } from "../../keys/stored-keys.ts";
import type { GatewayRequest, Parameters } from "../http/handler.ts";
import type { FormFields } from "../pages/form.ts";
import { type Session, sessionMilliseconds } from "./sessions.ts";

/** What a person can do on the page of their connections. */
export type Deed =
  | { readonly kind: "end"; readonly grantId: string }
  | { readonly kind: "end-all" }
  | { readonly kind: "sign-out" };

export type FormProblem =
  /** Not a form of the page. */
  | { readonly kind: "form-unreadable" }
  /** Shown in another session, for something else, or made up. */
  | { readonly kind: "form-foreign" }
  | { readonly kind: "keys"; readonly reason: KeyRingFailure };

const formHandle = { purpose: "gateway-connections", bound: { session: 2, deed: 2 } } as const;

/** The forms of one session's page: nobody who has not seen the page can have one of them sent. */
export class ConnectionForms {
  readonly #keyRing: KeyRing;
  readonly #now: () => number;

  /** @param now milliseconds since the epoch */
  constructor(keyRing: KeyRing, now: () => number) {
    this.#keyRing = keyRing;
    this.#now = now;
  }

  async fieldsOf(session: Session, deed: Deed): Promise<Result<FormFields, KeyRingFailure>> {
    const expiresAt = this.#now() + sessionMilliseconds;
    const values = { session: session.id, deed: nameOf(deed) };
    const handle = await this.#keyRing.seal(formHandle, new Uint8Array(), values, expiresAt);
    if (!handle.ok) return handle;
    return success([
      ["deed", deed.kind],
      ...(deed.kind === "end" ? [["connection", deed.grantId] as const] : []),
      ["handle", handle.value],
    ]);
  }

  /** What a form that came back asks for, where it was shown in this session for just that. */
  async deedOf(session: Session, form: GatewayRequest["form"]): Promise<Result<Deed, FormProblem>> {
    const deed = form?.ok ? readDeed(form.value) : undefined;
    const handle = form?.ok ? (form.value.get("handle") ?? "") : "";
    if (!deed) return failure({ kind: "form-unreadable" });
    const values = { session: session.id, deed: nameOf(deed) };
    const opened = await this.#keyRing.open(formHandle, handle, values);
    if (opened.ok) return success(deed);
    const { reason } = opened;
    if (reason.kind === "unavailable" || reason.kind === "damaged") {
      return failure({ kind: "keys", reason });
    }
    return failure({ kind: "form-foreign" });
  }
}

function readDeed(form: Parameters): Deed | undefined {
  const kind = form.get("deed");
  if (kind === "end-all" || kind === "sign-out") return { kind };
  const grantId = form.get("connection");
  return kind === "end" && grantId !== undefined ? { kind, grantId } : undefined;
}

function nameOf(deed: Deed): string {
  return deed.kind === "end" ? `end ${deed.grantId}` : deed.kind;
}
