/** What the host's process tells the one that started it, once, over their IPC channel. */
export type HostMessage =
  | { readonly kind: "ready"; readonly port: number }
  /** The process ends with exit code 1. The message is for the developer. */
  | { readonly kind: "failed"; readonly message: string };

/** The process ends with this exit code where the real host would restart its worker. */
export const workerRestartCode = 75;

/** How long running requests are waited for when the host is told to end. */
export const shutdownMilliseconds = 3_000;

/** Why the host cannot run the app. The message is for the developer and says what to do. */
export class StartFailure extends Error {
  override readonly name = "StartFailure";
}
