/**
 * The outcome of an operation that can fail for reasons its caller must handle. Expected failures
 * travel as values with a tagged `reason` up to one of two edges, `gates/` for the wire and `mcp/`
 * for the model; exceptions are for programming errors only.
 */
export type Result<Value, Reason> = Success<Value> | Failure<Reason>;

export interface Success<Value> {
  readonly ok: true;
  readonly value: Value;
}

export interface Failure<Reason> {
  readonly ok: false;
  readonly reason: Reason;
}

export function success<Value>(value: Value): Success<Value> {
  return { ok: true, value };
}

export function failure<Reason>(reason: Reason): Failure<Reason> {
  return { ok: false, reason };
}
