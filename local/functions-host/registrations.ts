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

const hookNames = ["appStart", "appTerminate", "preInvocation", "postInvocation", "log"] as const;

export type HookName = (typeof hookNames)[number];

/**
 * What the app has registered. One per process and without a way to pass it in, because the library
 * finds the core API by its module name.
 */
const functions = new Map<string, RegisteredFunction>();
const hooks = new Map<string, HookCallback[]>(hookNames.map((name) => [name, []]));
let programmingModel: ProgrammingModel | undefined;
let startupFinished = false;

/** Shared by all hooks of the app, as in the worker. */
export const appHookData: Record<string, unknown> = {};

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
 * @throws {RangeError} for a kind of hook that this host does not know
 */
export function registerHook(name: string, callback: HookCallback): { dispose(): void } {
  const callbacks = hooks.get(name);
  if (!callbacks) throw new RangeError(`Unrecognized hook "${name}"`);
  callbacks.push(callback);
  return {
    dispose() {
      const index = callbacks.indexOf(callback);
      if (index >= 0) callbacks.splice(index, 1);
    },
  };
}

export function hooksOf(name: HookName): readonly HookCallback[] {
  return [...(hooks.get(name) ?? [])];
}

/** One after the other, in the order of registration; the first that throws ends the run. */
export async function runHooks(name: HookName, context: object): Promise<void> {
  for (const callback of hooksOf(name)) await callback(context);
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
