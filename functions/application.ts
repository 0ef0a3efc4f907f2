import { startApp } from "../src/azure.ts";
import { domain } from "../src/domain.ts";

/** The one application of this process, which all triggers serve. */
export const application = startApp(process.env, domain);
