/**
 * The part of `@azure/functions-core` that this host provides and calls. The module itself is in no
 * registry: the Functions worker brings it along.
 *
 * Source: https://github.com/Azure/azure-functions-nodejs-worker/blob/v3.x/types-core/index.d.ts
 */
export type LogLevel =
  | "trace"
  | "debug"
  | "information"
  | "warning"
  | "error"
  | "critical"
  | "none";

export type LogCategory = "user" | "system" | "customMetric";

/** A trigger or binding as the app described it, with the properties of its type. */
export interface BindingInfo {
  readonly type?: string;
  readonly direction?: "in" | "out" | "inout";
  /** Of an HTTP trigger. */
  readonly route?: string;
  /** Of an HTTP trigger; without it, every method. */
  readonly methods?: readonly string[];
  /** Of a timer: an NCRONTAB expression. */
  readonly schedule?: string;
}

export interface FunctionMetadata {
  readonly name: string;
  readonly functionId?: string;
  readonly bindings: Readonly<Record<string, BindingInfo>>;
}

export type FunctionCallback = (...args: unknown[]) => unknown;

export type HookCallback = (context: object) => unknown;

/** A value as it travels between host and worker. */
export interface TypedData {
  readonly string?: string;
  readonly json?: string;
  readonly http?: object;
}

export interface InvocationRequest {
  readonly invocationId: string;
  readonly inputData: readonly { readonly name: string; readonly data: TypedData }[];
  readonly triggerMetadata: Readonly<Record<string, TypedData>>;
}

export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly request: InvocationRequest;
  readonly metadata: FunctionMetadata;
  /** The step that runs at the moment, `undefined` between steps. */
  state: "invocation" | undefined;
  log(level: LogLevel, category: LogCategory, message: string): void;
}

/** The steps of one invocation, in the order in which the worker takes them. */
export interface InvocationModel {
  getArguments(): Promise<{ readonly context: unknown; readonly inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<unknown>;
}

export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel | Promise<InvocationModel>;
  /** Ends the app's setup; with HTTP streams on, it also starts the stream proxy (`HttpUri`). */
  getCapabilities?(
    defaults: Record<string, string>,
  ): Record<string, string> | Promise<Record<string, string>>;
}
