import type {
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  ProgrammingModel,
} from "./core-types.ts";

export interface RegisteredFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

/**
 * What the app has registered. One per process and without a way to pass it in, because the library
 * finds the core API by its module name.
 */
const functions = new Map<string, RegisteredFunction>();
const terminateHooks = new Set<HookCallback>();
let programmingModel: ProgrammingModel | undefined;
let startupFinished = false;

export function registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): void {
  if (startupFinished) throw new Error("A function can only be registered during app startup.");
  const id = metadata.functionId ?? metadata.name;
  if (functions.has(id)) {
    throw new Error(`A function with id "${id}" has already been registered.`);
  }
  functions.set(id, { metadata, callback });
}

/**
 * @returns undoes the registration
 * @throws {RangeError} for every kind of hook but `appTerminate`, which alone this host runs
 */
export function registerHook(name: string, callback: HookCallback): { dispose(): void } {
  if (name !== "appTerminate") throw new RangeError(`This host runs no hooks "${name}".`);
  terminateHooks.add(callback);
  return { dispose: () => void terminateHooks.delete(callback) };
}

/** One after the other, in the order of registration; the first that throws ends the run. */
export async function runTerminateHooks(): Promise<void> {
  for (const callback of terminateHooks) await callback({ hookData: {}, appHookData: {} });
}

/** The last model set is the one in force. */
export function setProgrammingModel(model: ProgrammingModel): void {
  programmingModel = model;
}

export function getProgrammingModel(): ProgrammingModel | undefined {
  return programmingModel;
}

/** From here on the set of functions is fixed. */
export function finishStartup(): RegisteredFunction[] {
  startupFinished = true;
  return [...functions.values()];
}
