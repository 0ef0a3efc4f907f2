/**
 * What `require("@azure/functions-core")` gives an app on this host: the functions through which
 * the library registers its programming model, the app's functions and hooks.
 *
 * Source: https://github.com/Azure/azure-functions-nodejs-worker/blob/v3.x/src/setupCoreModule.ts
 */
import type { FunctionCallback, FunctionMetadata, HookCallback } from "./core-types.ts";
import { addFunction, addHook } from "./registrations.ts";

export { writeLog as log } from "./logging.ts";
export { getProgrammingModel, setProgrammingModel } from "./registrations.ts";

/** Of the worker and the host whose contract this one keeps. */
export const version = "3.10.0";
export const hostVersion = "4.1037.0";

export class Disposable {
  readonly #dispose: () => unknown;
  #isDisposed = false;

  static from(...disposables: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }

  constructor(dispose: () => unknown) {
    this.#dispose = dispose;
  }

  dispose(): unknown {
    if (this.#isDisposed) return undefined;
    this.#isDisposed = true;
    return this.#dispose();
  }
}

export function registerFunction(
  metadata: FunctionMetadata,
  callback: FunctionCallback,
): Disposable {
  return new Disposable(addFunction(metadata, callback));
}

export function registerHook(name: string, callback: HookCallback): Disposable {
  return new Disposable(addHook(name, callback));
}
