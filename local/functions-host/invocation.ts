import type { CoreInvocationContext, InvocationRequest, ProgrammingModel } from "./core-types.ts";
import { writeLog } from "./logging.ts";
import { appHookData, type RegisteredFunction, runHooks } from "./registrations.ts";

/** One call of a function. */
export interface Invocation {
  /** The library has taken the HTTP request off its stream proxy. Never rejects. */
  readonly received: Promise<void>;
  /**
   * The function has run and its response has been handed to the stream proxy. Rejects with what
   * the function, a hook or the library threw.
   */
  readonly completed: Promise<void>;
}

/**
 * Invokes a function in the steps of the worker: arguments, `preInvocation` hooks, handler,
 * `postInvocation` hooks, response.
 *
 * Source: https://github.com/Azure/azure-functions-nodejs-worker/blob/v3.x/src/eventHandlers/InvocationHandler.ts
 */
export function startInvocation(
  model: ProgrammingModel,
  registered: RegisteredFunction,
  request: InvocationRequest,
): Invocation {
  let invocationContext: unknown;
  const core: CoreInvocationContext = {
    invocationId: request.invocationId,
    request,
    metadata: registered.metadata,
    state: undefined,
    log: (level, category, message) => writeLog(level, category, message, invocationContext),
  };

  async function receive() {
    const invocationModel = await model.getInvocationModel(core);
    const { context, inputs } = await invocationModel.getArguments();
    invocationContext = context;
    return { invocationModel, inputs };
  }

  async function complete() {
    const { invocationModel, inputs } = await receiving;
    const shared = { hookData: {}, appHookData, invocationContext };

    const before = { ...shared, inputs, functionCallback: registered.callback };
    core.state = "preInvocationHooks";
    await runHooks("preInvocation", before);

    const after: typeof shared & { inputs: unknown[]; result: unknown; error: unknown } = {
      ...shared,
      inputs: before.inputs,
      result: null,
      error: null,
    };
    core.state = "invocation";
    try {
      after.result = await invocationModel.invokeFunction(
        invocationContext,
        before.inputs,
        before.functionCallback,
      );
    } catch (error) {
      after.error = error;
    }
    core.state = "postInvocationHooks";
    await runHooks("postInvocation", after);
    core.state = undefined;

    if (after.error !== null && after.error !== undefined) throw after.error;
    const answers = Object.values(registered.metadata.bindings).some(({ type }) => type === "http");
    if (answers && (after.result === null || after.result === undefined)) {
      throw new Error("The handler returned no response.");
    }
    await invocationModel.getResponse(invocationContext, after.result);
  }

  const receiving = receive();
  const ignore = () => undefined;
  return { received: receiving.then(ignore, ignore), completed: complete() };
}
