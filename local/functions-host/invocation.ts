import type { CoreInvocationContext, InvocationRequest, ProgrammingModel } from "./core-types.ts";
import { writeLog } from "./logging.ts";
import type { RegisteredFunction } from "./registrations.ts";

/** One call of a function. */
export interface Invocation {
  /** The library has taken the HTTP request off its stream proxy. Never rejects. */
  readonly received: Promise<void>;
  /**
   * The function has run and its response has been handed to the stream proxy. Rejects with what
   * the function or the library threw.
   */
  readonly completed: Promise<void>;
}

/**
 * Invokes a function in the steps of the worker: arguments, handler, response. Its hooks around the
 * handler are left out: no app here has any.
 *
 * Source: https://github.com/Azure/azure-functions-nodejs-worker/blob/v3.x/src/eventHandlers/InvocationHandler.ts
 */
export function startInvocation(
  model: ProgrammingModel,
  registered: RegisteredFunction,
  request: InvocationRequest,
): Invocation {
  const core: CoreInvocationContext = {
    invocationId: request.invocationId,
    request,
    metadata: registered.metadata,
    state: undefined,
    log: (level, category, message) => writeLog(level, category, message),
  };

  async function receive() {
    const invocationModel = await model.getInvocationModel(core);
    return { invocationModel, ...(await invocationModel.getArguments()) };
  }

  async function complete() {
    const { invocationModel, context, inputs } = await receiving;
    core.state = "invocation";
    const result = await invocationModel.invokeFunction(context, inputs, registered.callback);
    core.state = undefined;
    const answers = Object.values(registered.metadata.bindings).some(({ type }) => type === "http");
    if (answers && (result === null || result === undefined)) {
      throw new Error("The handler returned no response.");
    }
    await invocationModel.getResponse(context, result);
  }

  const receiving = receive();
  const ignore = () => undefined;
  return { received: receiving.then(ignore, ignore), completed: complete() };
}
