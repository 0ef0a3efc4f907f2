/** Why there is nothing to report on: told in one message, without a stack. */
export class CannotRun extends Error {
  override readonly name = "CannotRun";
}
