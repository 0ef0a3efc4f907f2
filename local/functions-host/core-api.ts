/**
 * What `require("@azure/functions-core")` gives an app on this host: the functions through which
 * the library registers its programming model, the app's functions and hooks.
 *
 * Source: https://github.com/Azure/azure-functions-nodejs-worker/blob/v3.x/src/setupCoreModule.ts
 */
export { writeLog as log } from "./logging.ts";
export {
  getProgrammingModel,
  registerFunction,
  registerHook,
  setProgrammingModel,
} from "./registrations.ts";

/** Of the worker and the host whose contract this one keeps. */
export const version = "3.10.0";
export const hostVersion = "4.1037.0";
