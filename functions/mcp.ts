import { app } from "@azure/functions";
import { application } from "./application.ts";
import { bridge, everyMethod } from "./bridge.ts";

app.http("mcp", {
  route: "mcp",
  methods: everyMethod,
  // The access token is the gate, not a key of the platform.
  authLevel: "anonymous",
  handler: bridge(application.mcp),
});
