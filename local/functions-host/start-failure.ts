/** Why the host cannot run the app. The message is for the developer and says what to do. */
export class StartFailure extends Error {
  override readonly name = "StartFailure";
}
