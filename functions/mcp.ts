import { app } from "@azure/functions";
import { application } from "./application.ts";
import { everyMethod, httpHandler } from "./http-handler.ts";

app.http("mcp", {
  route: "mcp",
  methods: everyMethod,
  // The access token is the gate, not a key of the platform.
  authLevel: "anonymous",
  handler: httpHandler(application.mcp),
});
