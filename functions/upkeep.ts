import { app } from "@azure/functions";
import { jsonLog } from "../src/core/log.ts";
import { application } from "./application.ts";

app.timer("upkeep", {
  // Every quarter of an hour: second, minute, hour, day, month, day of the week.
  schedule: "0 */15 * * * *",
  runOnStartup: false,
  handler: (_timer, context) => {
    const { invocationId } = context;
    return application.upkeep(jsonLog((level, line) => context[level](line), { invocationId }));
  },
});
