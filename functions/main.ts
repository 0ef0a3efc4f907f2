/** The entry that the platform loads: every trigger, with HTTP streams on. */
import { app } from "@azure/functions";
import { application } from "./application.ts";
import "./gateway.ts";
import "./health.ts";
import "./mcp.ts";
import "./protected-resource-metadata.ts";
import "./upkeep.ts";

app.setup({ enableHttpStream: true });

app.hook.appTerminate(() => application.shutDown());
