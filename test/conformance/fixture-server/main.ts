/** A Functions app that serves the suite's fixtures where the application serves its own tools. */
import { app } from "@azure/functions";
import { httpHandler } from "../../../functions/http-handler.ts";
import { startApp } from "../../../src/azure.ts";
import { askingPrompt } from "./asking-prompt.ts";
import { domain } from "./domain.ts";
import { extend } from "./extend.ts";
import { requestState } from "./request-state.ts";

app.http("mcp", {
  route: "mcp",
  methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
  authLevel: "anonymous",
  handler: httpHandler(
    startApp(process.env, domain, {
      fixtures: { extend, requestState, prompts: [askingPrompt] },
    }).mcp,
  ),
});

app.setup({ enableHttpStream: true });
