import { type ErrorCode, Refusal } from "../refusal.ts";

/** What the log says of a client with a document. */
interface Explanation {
  readonly cause: string;
  /** The URL. */
  readonly document: string;
  readonly reason: string;
}

/** Why a client with a document is refused. The client gets Entra's text; the log says what to do. */
export class DocumentRefusal extends Refusal {
  readonly #explanation: Explanation;

  /** @param message Entra's for the code unless given */
  constructor(code: ErrorCode, message: string | undefined, explanation: Explanation) {
    super(code, message);
    this.#explanation = explanation;
  }

  override get logFields(): Readonly<Record<string, string>> {
    return { code: this.code, ...this.#explanation };
  }
}
