import type { Log } from "./log.ts";

/** What the platform says of the invocation that a request belongs to. */
export interface Invocation {
  /** Correlates the log lines of one invocation. */
  readonly id: string;
  readonly log: Log;
  /** The platform shows other request headers than it received: those that the body has in their place. */
  readonly hasForeignHeaders?: boolean | undefined;
  /** Where the answer can be followed on its way out; else it counts as taken once it is made. */
  readonly delivery?: Delivery | undefined;
}

/** The way of an answer out of this process. */
export interface Delivery {
  /**
   * Resolves once the platform has taken what was handed to it, or will take nothing more; undefined
   * where more can be made at once.
   */
  ready(): Promise<void> | undefined;
  /** The answer is made to its last byte. `left` is called once it has been taken, or cut off. */
  end(left: () => void): void;
}

/** Serves the requests of one route. May throw; the HTTP handler answers 500 then. */
export type Endpoint = (request: Request, invocation: Invocation) => Promise<Response>;

/** An answer before it leaves: every refusal and every result is brought to this form. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** In one piece; or piece by piece, where something precedes the result, such as progress. */
  readonly body: string | Uint8Array<ArrayBuffer> | null | Pieces;
}

/** A body that is still being made. */
export interface Pieces {
  next(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  /** Nobody wants the rest. */
  cancel(): Promise<void>;
}

/** A JSON answer that no cache keeps. */
export function jsonAnswer(
  status: number,
  content: object,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
    body: JSON.stringify(content),
  };
}

/** What a client has to see to before a call can work: RFC 6750 section 3. */
export type SignInChallenge =
  /** What the person has to fulfil in a new sign-in: a JSON document from the authority. */
  | { readonly kind: "claims-challenge"; readonly claims: string }
  /** The access token is valid here, but the sign-in that it came from is over. */
  | { readonly kind: "sign-in-ended" };
