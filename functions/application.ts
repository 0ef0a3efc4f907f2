import { startApp } from "../src/app.ts";

/** The one application of this process, which all triggers serve. */
export const application = startApp(process.env);
